"""The studies as data: visits, forms, rules and texts, one folder per study.

There is no Python here. `casebook.locations.data_folder` finds this folder in a checkout, in an
installed wheel and in the built application, and `casebook.study_files` reads it.
"""
