"""What random users type: values that items take, results of a laboratory, words."""

import random

from casebook.design import DataType, Item

WORDS = ("as in the source", "seen again", "患者家属补充", "read from the chart")
SOUGHT = ("nihss", "a1 v2", "settings", "体格", "labs", "zzz", "sync", "a2")
NO_VALUES = ("abc", "13:99", "-", "2026-02-31", "1e5", "??")
SCORED = "0012340U"
RESULTS = (
    "WBC\t7.{}\t10^9/L",
    "HGB\t13{}\tg/L",
    "PLT\t21{}",
    "Glucose 6.{} mmol/L",
    "肌酐 7{} umol/L",
    "not a result {}",
)


def value_of(item: Item, chance: random.Random) -> str:
    """Return text that the item takes, as a user types it; now and then beside the limits of plausibility."""
    match item.data_type:
        case DataType.INTEGER | DataType.DECIMAL | DataType.QUANTITY:
            low, high = item.soft if item.soft != (None, None) else item.hard
            lowest = int(low) + 1 if low is not None else 0
            return str(chance.randint(lowest, max(lowest, int(high) if high is not None else lowest + 100)))
        case DataType.DATE:
            return chance.choice(("today", "yesterday", f"2026-02-{chance.randint(1, 28):02}"))
        case DataType.DATETIME:
            return chance.choice(("now", "yesterday 2210", f"2026-02-{chance.randint(1, 28):02} 0815"))
        case _:
            return f"{chance.choice(('note', '记录'))} {chance.randrange(1000)}"[: item.max_length or 40]


def report_of(chance: random.Random) -> str:
    """Return lines of a laboratory's report, as they are copied."""
    return "\n".join(line.format(chance.randrange(10)) for line in chance.sample(RESULTS, 3))
