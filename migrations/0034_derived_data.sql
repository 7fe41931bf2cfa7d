-- Copies, kept counts, pairs, bounds and the feed of changes are kept by the statements that write
-- (docs/decisions/0002-derived-data.md), no longer by triggers: `python -m app check` finds what differs.
-- The columns that triggers filled stay NOT NULL: who writes brings them.

DROP FUNCTION IF EXISTS
    note_media_changed(), count_media_inserted(), count_media_deleted(), count_media_moved(), empty_dependent(),
    fill_media_sort_keys(), carry_media_sort_keys(), carry_media_columns(), bound_rows_a_media(),
    fill_credit_copies(), pair_credited(), pair_uncredited(), note_media_change(), note_media_touched(),
    check_media_parent(), note_row_changed(), fill_release_library(), fill_history_event_library(),
    drop_history_of_library()
    CASCADE;
