"""What each named function does, in a phrase of both languages, as sentences about rules and items use it.

A derivation's phrase names what it works out; a rule's phrase says what is true when it fires. They say
what `casebook.scores` computes and are checked against its names by a test.

Source: docs/study_files.md, section "Named functions"; the docstring of each function.
"""

from collections.abc import Mapping

DERIVED: Mapping[str, tuple[str, str]] = {
    "mean_arterial_pressure": (
        "mean arterial pressure, (systolic + 2 × diastolic) / 3",
        "平均动脉压，（收缩压＋2×舒张压）÷3",
    ),
    "body_mass_index": ("weight in kg divided by the square of height in m", "体重（kg）除以身高（m）的平方"),
    "egfr_ckd_epi_2021": (
        "glomerular filtration rate estimated by CKD-EPI 2021",
        "按 CKD-EPI 2021 公式估算的肾小球滤过率",
    ),
    "completed_years": ("completed years between the two dates", "两个日期之间的周岁数"),
    "minutes_between": ("minutes from the first time to the second", "第一个时间到第二个时间的分钟数"),
    "first_known": ("the first of these that has a value", "其中第一个有值的项目"),
    "effective_signature": (
        "when the consent took effect: the latest signature that it requires",
        "知情同意生效时间：所需签名中最晚的一个",
    ),
    "mrs_proposed": ("mRS 6 for a visit on or after the day of death", "死亡当日及以后的访视建议 mRS 为 6 分"),
    "mrs_90_days": (
        "mRS at 90 days: 6 by the coordinator, else the readers' consensus, else the assessor's grade",
        "90 天 mRS：协调员记录的 6 分，否则为阅评者共识，否则为评估者评分",
    ),
    "contact_days": ("number of days on which contact was tried", "尝试联系的天数"),
    "contact_sufficient": (
        "whether contact was tried on three days, by telephone and through a relative among them",
        "是否在三个不同日期尝试联系，且包括电话和家属",
    ),
    "scopes_withdrawn": ("every scope for which consent was withdrawn", "所有撤回同意的范围"),
    "days_in_hospital": ("days from admission to discharge, at least one", "入院至出院的天数，至少为 1 天"),
    "time_unknown": ("whether the date stands without a time", "是否仅有日期而无时间"),
    "nihss_total": ("NIHSS total; untestable items add 0", "NIHSS 总分，无法检查的项目计 0 分"),
    "nihss_un_count": ("number of untestable NIHSS items", "NIHSS 无法检查的项目数"),
    "nihss_un_items": ("the untestable NIHSS items", "NIHSS 无法检查的项目"),
    "end_delta": ("score before randomisation less the initial score", "随机前评分减去首次评分"),
    "rise_at_least": ("whether the rise is at least so many points", "升高是否达到该分值"),
    "mrs_0_1": ("whether the mRS is 0 to 1", "mRS 是否为 0～1 分"),
    "mrs_0_2": ("whether the mRS is 0 to 2", "mRS 是否为 0～2 分"),
    "mrs_0_3": ("whether the mRS is 0 to 3", "mRS 是否为 0～3 分"),
    "mrs_suggestion": ("mRS grade suggested by the five prompts", "根据五个提示问题建议的 mRS 分级"),
    "gcs_total": ("Glasgow Coma Scale total; none while intubated", "格拉斯哥昏迷量表总分；插管时不计算"),
    "aspects_score": ("ten less one point for each affected region", "10 分减去每个受累区域 1 分"),
    "mismatch_volume": ("hypoperfused volume less core volume", "低灌注体积减去核心体积"),
    "mismatch_ratio": ("hypoperfused volume divided by core volume", "低灌注体积除以核心体积"),
    "hypoperfusion_intensity_ratio": (
        "volume with Tmax > 10 s divided by volume with Tmax > 6 s",
        "Tmax > 10 s 体积除以 Tmax > 6 s 体积",
    ),
    "recanalised_24h": ("whether the AOL grade is 2 or 3", "AOL 分级是否为 2 或 3"),
    "laboratory_range": ("one reference range as a line of text", "以一行文字表示的参考范围"),
    "range_indicator": (
        "low, normal or high by the site's reference range for sex, age and date",
        "按本中心适用于该性别、年龄和日期的参考范围判断偏低、正常或偏高",
    ),
    "qualitative_indicator": ("abnormal where the test is positive", "检测阳性时为异常"),
    "planned_for": ("what is planned for this visit", "本次访视计划的内容"),
    "mtici_grade": ("mTICI grade of the eTICI grade", "由 eTICI 分级换算的 mTICI 分级"),
    "reperfusion_successful": ("whether the eTICI grade is 2b50 or better", "eTICI 是否达到 2b50 或以上"),
    "reperfusion_near_complete": ("whether the eTICI grade is 2c or 3", "eTICI 是否为 2c 或 3"),
    "first_pass_effect": (
        "whether reperfusion was nearly complete after one pass without rescue treatment",
        "是否一次取栓且无补救治疗即达到近完全再灌注",
    ),
    "passes_in_log": ("number of passes in the log", "记录中的取栓次数"),
    "crossover": (
        "whether a procedure was done although the arm is best medical management",
        "分配至最佳药物治疗组却接受了血管内治疗",
    ),
    "treated_arm": (
        "thrombectomy where any procedure was done, else medical management",
        "已实施血管内治疗者为血管内治疗组，否则为药物治疗组",
    ),
    "treated_as_allocated": (
        "whether the treatment received is the one allocated",
        "实际接受的治疗是否与随机分组一致",
    ),
    "per_protocol": (
        "treated as allocated, eligible at randomisation, and no deviation that affects the primary endpoint",
        "按随机分组接受治疗、随机时符合入排标准且无影响主要终点的方案偏离",
    ),
    "value_of_row": ("what stands in the row with that number", "该编号所在行的值"),
    "endpoint_event": ("whether the serious event is a study endpoint too", "该严重事件是否同时为研究终点"),
    "susar": (
        "whether it is a suspected unexpected serious adverse reaction",
        "是否为可疑且非预期严重不良反应（SUSAR）",
    ),
    "heidelberg_headline": ("Heidelberg class of the most severe finding", "最严重所见的海德堡出血分类"),
    "heidelberg_classes": ("Heidelberg class of every finding", "每项所见的海德堡出血分类"),
    "sich_heidelberg": (
        "whether the haemorrhage is symptomatic by the Heidelberg classification",
        "按海德堡分类是否为症状性颅内出血",
    ),
    "sich_sits_most": ("whether the haemorrhage is symptomatic by SITS-MOST", "按 SITS-MOST 标准是否为症状性颅内出血"),
    "sich_ecass2": ("whether the haemorrhage is symptomatic by ECASS II", "按 ECASS II 标准是否为症状性颅内出血"),
    "sich_ecass3": ("whether the haemorrhage is symptomatic by ECASS III", "按 ECASS III 标准是否为症状性颅内出血"),
    "sich_ninds": ("whether the haemorrhage is symptomatic by NINDS", "按 NINDS 标准是否为症状性颅内出血"),
    "sich_within_48h": (
        "whether it is symptomatic by the chosen definition within 48 h of randomisation",
        "随机后 48 小时内按选定定义是否为症状性颅内出血",
    ),
    "death_after_bleeding": (
        "whether death came from the haemorrhage or within 7 days of it",
        "是否因该出血死亡或在出血后 7 天内死亡",
    ),
    "nihss_before": ("last NIHSS total before the worsening", "恶化前最近一次 NIHSS 总分"),
    "nihss_first_after": ("first NIHSS total at or after the worsening", "恶化时或之后首次 NIHSS 总分"),
    "nihss_worst": ("highest NIHSS total at or after the worsening", "恶化时或之后最高 NIHSS 总分"),
    "nihss_lowest_24h": (
        "lowest NIHSS total from randomisation to 24 h, before the worsening",
        "随机后 24 小时内、恶化前的最低 NIHSS 总分",
    ),
    "nihss_lowest_7d": (
        "lowest NIHSS total from randomisation to 7 days, before the worsening",
        "随机后 7 天内、恶化前的最低 NIHSS 总分",
    ),
    "nihss_item_rise": (
        "largest rise of one NIHSS item from before the worsening to after it",
        "恶化前后单项 NIHSS 的最大升幅",
    ),
    "nihss_change": ("NIHSS total less the total before randomisation", "NIHSS 总分减去随机前总分"),
    "post_end": (
        "whether the NIHSS rose by 4 or more within 24 h after randomisation",
        "随机后 24 小时内 NIHSS 是否升高 4 分及以上",
    ),
    "consent_in_order": (
        "whether the initial consent was signed in order before randomisation",
        "首次知情同意是否在随机前按要求签署",
    ),
    "persistent_pressure": (
        "the lower of two pressures taken at least 10 minutes apart",
        "间隔至少 10 分钟的两次血压中的较低值",
    ),
    "mismatch_used": ("the mismatch that was reported, else the derived one", "报告的不匹配值，否则为计算值"),
    "volume_growth": ("infarct volume less the core volume at baseline", "梗死体积减去基线核心体积"),
    "finding_of_image": (
        "what the imaging form of the same date and time found",
        "同一日期时间的影像表单所见",
    ),
    "fingerprint": ("a short code that changes with any of the answers", "随任一答案变化的短校验码"),
}

FIRES: Mapping[str, tuple[str, str]] = {
    "none_is_yes": ("none of these is answered yes", "各项均未回答“是”"),
    "mrs_leaps_better": ("the grade is better by three or more", "分级改善 3 级及以上"),
    "mrs_leaps_worse": ("the grade is worse by three or more", "分级恶化 3 级及以上"),
    "aspects_differs": ("the score is not ten less the affected regions", "评分不等于 10 减去受累区域数"),
    "perfusion_reported_differs": (
        "the reported ratio or volume differs from the derived one by more than is tolerated",
        "报告的比值或体积与计算值之差超出允许范围",
    ),
    "occlusion_side_doubtful": (
        "the side of the occlusion is missing, or it is the side of the weaker limbs",
        "闭塞侧别缺失，或与肢体无力侧同侧",
    ),
    "antithrombotics_differ": (
        "the antithrombotics ticked are not those of the medication log at that time",
        "勾选的抗栓药与当时用药记录不一致",
    ),
    "antithrombotic_too_early": (
        "an antithrombotic was given within 24 h of thrombectomy or lysis, before the scan and without a reason",
        "取栓或溶栓后 24 小时内、复查影像前使用了抗栓药且未说明理由",
    ),
    "total_passes_differ": ("the total is not the number of passes in the log", "总次数与记录的取栓次数不符"),
    "retriever_passes_differ": (
        "the number of retriever passes is not that of the log",
        "支架取栓次数与记录不符",
    ),
    "aspiration_passes_differ": (
        "the number of aspiration passes is not that of the log",
        "抽吸次数与记录不符",
    ),
    "reperfusion_lost": (
        "a pass had reached a better grade than the final one, and no re-occlusion is noted",
        "某次取栓后的分级优于最终分级，且未记录再闭塞",
    ),
    "procedure_order_broken": ("two of the times stand in the wrong order", "其中两个时间的先后顺序有误"),
    "heidelberg_disagrees": (
        "the class in the report is not that of the findings",
        "报告的分类与影像所见不符",
    ),
    "nihss_jump_unexplained": (
        "the NIHSS total is 8 or more above the assessment before, and no event form explains it",
        "NIHSS 总分较前一次升高 8 分及以上，且无事件表单说明",
    ),
    "haemorrhage_within_six_months": (
        "an intracranial haemorrhage lies within six months before consent",
        "知情同意前六个月内有颅内出血",
    ),
    "target_vessel_unsuitable": (
        "the target vessel is thinner than 1.5 mm or judged unsuitable",
        "目标血管直径小于 1.5 mm 或被判定不适合",
    ),
    "pregnancy_excludes": (
        "there is child-bearing potential and a positive pregnancy test",
        "有生育可能且妊娠试验阳性",
    ),
    "stated_interval_differs": (
        "the stated interval is more than 30 minutes off the recorded one",
        "所述间隔与记录的间隔相差超过 30 分钟",
    ),
}
