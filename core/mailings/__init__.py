"""What we send to many: drafted, approved, planned, fed to the ledger, made for each reader, counted, and finished.

For the faces, each a use case in the caller's transaction, safe to repeat and when two people press at once:

    drafting.draft(session, catalogue, Draft(…), csm_id, now) -> Mailing      the same key: one mailing
    drafting.draft_from_file(session, catalogue, name, csm_id, now) -> Mailing
    drafting.texts(session, mailing_id) -> {language: Written}                 of the newest revision
    approving.approve(session, catalogue, mailing_id, by, now) -> Approval     leaving, waiting, same person, too late
    planning.forecast(session, catalogue, mailing, now) -> Forecast            who would get it, who not and why
    planning.sample(session, catalogue, mailing, most, now) -> [contact id]
    running.pause | resume(session, mailing_id) -> bool | cancel(…, now) -> bool   False: nothing to do
    running.retry(session, mailing_id, "failed" | "uncertain", now) -> int
    omitting.keep_back(session, mailing_id, account_id, csm_id, now) -> int    a CSM holds an account
    counting.counts(session, mailing_id) -> Counts                             what became of them, so far
    counting.note(session, mailing_id, state, reason="", change=1)             for interacted, answered:<id>, up, down
    filling.fill(catalogue, mailing, texts, who, delivery_id) -> Card          the card of one reader
    filling.card_of(session, catalogue, delivery) -> Card                      the same, of a row of the ledger
    buttons.rows_below(…)                                                      its buttons

By itself: `tending.tend`, every second. Only recipients' rows have a `mailing_id`: what follows them (corrections,
answers) names the mailing in its subject, or it would be counted as one more recipient.
"""
