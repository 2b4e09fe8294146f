"""What both windows and papers show that is not the study: fonts, colour profile, icons, styles.

There is no Python here. `casebook.locations.data_folder` finds this folder in a checkout, in an
installed wheel and in the built application. Each third-party file stands beside its licence.
"""
