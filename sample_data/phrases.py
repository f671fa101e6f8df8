"""What notes of every category share: openings, circumstances, next steps, and the words around a reason.

No wording here depends on the category. Years are left out of the text: they would drift by themselves.
"""

from __future__ import annotations

OPENINGS: tuple[str, ...] = (
    "(claim|acct|account) (worked|pulled) {day} (after|following) (denial|remit) (received|posted) {d}",
    "(called|phoned) (plan|payer|insurance), (spoke with|got) {rep} (re|about|regarding) (denial|claim)",
    "(denial|remit) (rec'd|received) {d} (for|on) {svc} (dates|stay|claim) {d2}",
    "(f/u|follow up) on (denied|rejected) claim for {amt}",
    "{svc} (claim|stay|episode) {d2} denied (in full|in part|)",
    "(per|according to) {rep} at (plan|payer) {day}",
    "(DOS|date of service) {d2}, {code}, billed {amt}",
    "(opened|reviewed) denial from (work queue|the mail|lockbox) {d}",
    "pt in {svc} for {dx}, claim (denied|came back denied|bounced)",
    "(checked|looked up) (status|claim) (online|by phone) {d}",
    "(EOB|remit) (shows|lists) {amt} denied on {code}",
    "(denied|rejected) {d} per {rep}",
    "(second|third|another) (denial|rejection) (on|for) this (acct|account|stay)",
    "(patient|pt) (admitted|started) {d2} to {svc} for {dx}",
    "(note|update) {day}: (claim still|acct still|) denied, {amt} (open|outstanding)",
)

DETAILS: tuple[str, ...] = (
    "(balance|amount) {amt} (remains open|sits in A/R|held)",
    "billed {code} x {n} (units|) (for|at) {amt}",
    "(patient|pt) (attended|completed) {n} (days|sessions) of {svc}",
    "dx {dx} (listed first|on claim|per intake)",
    "(patient|pt) has hx of {dx}, (prior|earlier) {svc} (episode|admit) noted",
    "(call ref|reference) number given by {rep} (is in|saved to) (account notes|system)",
    "{rep} (would not|could not) (give|offer) (more|further) detail",
    "(clinicals|chart) (faxed|sent) {d} to utilization review",
    "(utilization review|UR) (staff|nurse) (aware|notified|copied)",
    "left voicemail for {rep} (twice|) {day}",
    "(member|family) (called|aware|upset) about (balance|statement)",
    "hold time {n} minutes, transferred (twice|to another line)",
    "(discharge|transition) planned {d} to (outpatient|home|sober living)",
    "(meds|medication) (adjusted|stable), (attending|psychiatrist) following weekly",
    "(family session|case conference) (held|set for) {d}",
    "(same|similar) (issue|denial) (seen|found) on (other|earlier) (claims|accounts)",
    "claim (scrubbed|went out) clean per (clearinghouse|vendor)",
    "(charges|codes) {code} and {code2} (on|under) same claim",
    "(copay|deductible) (applied|collected) at (check in|intake), {n} dollars",
    "remit (posted|scanned) {d}, (no payment|zero paid)",
)

ACTIONS: tuple[str, ...] = (
    "(will|plan to) (send|submit) (reconsideration|appeal packet) by {d}",
    "(requested|asked for) (peer to peer|supervisor callback) (for|on) {day}",
    "(faxed|mailed) (packet|reconsideration form|letter) to (plan|payer) {d}",
    "(resubmitted|rebilled) {day}, (follow up|recheck) in {n} days",
    "(routed|sent|forwarded) to (billing|coding|utilization review|intake) (for review|to fix)",
    "(pending|waiting on) (reply|callback|response) from {rep}",
    "(escalated|passed) to (lead|manager|supervisor) for (decision|next step)",
    "(moved|returned) to work queue, (next|follow up) {d}",
    "(write off|adjustment) (not approved|on hold) (yet|for now)",
    "(reconsideration|corrected bill) (drafted|in progress), (due|goes out) {d}",
    "voicemail left, (try|call) again {day}",
    "(member|patient) (statement|bill) (on hold|stopped) (meanwhile|until resolved)",
    "peer to peer (scheduled|set) {d} with (attending|medical director)",
    "no (further|other) action (today|this week), (recheck|revisit) {d}",
)

# Some bind the reason to the claim, some take it away: a reader can tell, a bag of words hardly.
LEADS: tuple[str, ...] = (
    "",
    "",
    "denied: ",
    "reason: ",
    "denial states ",
    "per denial letter ",
    "told that ",
    "remit says ",
    "outcome: ",
)

ASIDES: tuple[str, ...] = (
    "first thought ",
    "ruled out: ",
    "not the case that ",
    "earlier claim had: ",
    "{rep} also mentioned ",
    "account history shows ",
    "prior month denial was ",
    "checked whether ",
    "resolved before: ",
    "unrelated line says ",
    "",
)

SERVICES: tuple[str, ...] = (
    "IOP",
    "PHP",
    "residential",
    "detox",
    "inpatient psych",
    "outpatient therapy",
    "group therapy",
    "individual therapy",
    "family therapy",
    "med management",
    "ABA",
    "psych testing",
    "MAT",
    "RTC",
    "crisis stabilization",
)

CODES: tuple[str, ...] = (
    "90837",
    "90834",
    "90832",
    "90791",
    "90792",
    "90847",
    "90853",
    "99213",
    "99214",
    "96130",
    "97153",
    "H0015",
    "H0018",
    "H0035",
    "H0010",
    "H2036",
    "S9480",
)

DIAGNOSES: tuple[str, ...] = (
    "MDD",
    "GAD",
    "PTSD",
    "bipolar",
    "OUD",
    "AUD",
    "F33.1",
    "F41.1",
    "F43.10",
    "F10.20",
    "F11.20",
    "F31.9",
    "F50.00",
    "F84.0",
    "psychosis",
    "ADHD",
    "polysubstance",
)

CONTACTS: tuple[str, ...] = (
    "payer rep",
    "claims rep",
    "provider services",
    "payer rep",
    "call center",
    "claims examiner",
)

DAYS: tuple[str, ...] = ("Mon", "Tues", "Wed", "Thurs", "Fri", "today", "this am", "yesterday")

SEPARATORS: tuple[str, ...] = (". ", ". ", "; ", " - ", ", ", ". ")

ABBREVIATIONS: dict[str, str] = {
    "authorization": "auth",
    "patient": "pt",
    "documentation": "doc",
    "received": "rec'd",
    "provider": "prov",
    "without": "w/o",
    "with": "w/",
    "date of service": "DOS",
    "level of care": "LOC",
    "diagnosis": "dx",
    "treatment": "tx",
    "submitted": "subm",
    "assessment": "assmt",
    "requested": "req'd",
    "additional": "addl",
    "facility": "fac",
    "medical": "med",
    "information": "info",
}
