"""What a span says of a statement: its operation and its table."""

from __future__ import annotations

import pytest

from app.telemetry.query_summary import statement_attributes, summarise
from database.sent_statement import SentStatement


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("BEGIN ISOLATION LEVEL READ COMMITTED", "BEGIN"),
        ("COMMIT", "COMMIT"),
        ("ROLLBACK", "ROLLBACK"),
        ("SELECT /* update_media */ m.id FROM media m ORDER BY m.id FOR NO KEY UPDATE OF m", "SELECT media"),
        ("SELECT m.id FROM ONLY media m FOR UPDATE", "SELECT media"),
        ("SELECT j.id FROM unnest($1::bigint[]) AS g(id) JOIN media_tag j ON j.id = g.id", "SELECT media_tag"),
        ("SELECT id FROM generate_series(1, $1::integer) AS id", "SELECT"),
        ("SELECT nextval(pg_get_serial_sequence('media', 'id'))", "SELECT"),
        ("INSERT /* x */ INTO setting (key) VALUES ($1) ON CONFLICT (key) DO UPDATE SET key = $1", "INSERT setting"),
        ("INSERT INTO history_event (media_id) SELECT media_id FROM unnest($1::bigint[]) e", "INSERT history_event"),
        ("UPDATE library SET name = $2::text WHERE id = $1", "UPDATE library"),
        ("UPDATE media m SET (a, b) = (SELECT r.a, r.b FROM other r) FROM unnest($1) c", "UPDATE media"),
        ("UPDATE ONLY media AS m SET a = 1", "UPDATE media"),
        ("DELETE FROM media WHERE id = any($1::bigint[])", "DELETE media"),
        ("MERGE INTO tag t USING given g ON t.id = g.id WHEN MATCHED THEN DO NOTHING", "MERGE tag"),
        ("TRUNCATE TABLE setting", "TRUNCATE setting"),
        (
            "WITH asked AS (SELECT 1), made AS (INSERT INTO tag (name) SELECT 'x' RETURNING id) SELECT id FROM made",
            "INSERT tag",
        ),
        ("WITH family AS (SELECT id FROM media) SELECT id FROM family", "SELECT media"),
        ("update\n  media\nset a = 1", "UPDATE media"),
        ("LISTEN marquee", "LISTEN"),
    ],
)
def test_a_statement_is_summed_up_by_what_it_does(text: str, words: str) -> None:
    assert summarise(text).text() == words


def test_a_loader_is_its_statement_s_target_and_a_table_that_of_an_edit() -> None:
    text = "SELECT /* tags_by_media_id */ t.id FROM media_tag j JOIN tag t ON t.id = j.tag_id"
    read = statement_attributes(SentStatement("tags_by_media_id", text))
    edit = statement_attributes(SentStatement("add_tags", text, of_loader=False))
    assert (read["db.query.summary"], read.get("db.collection.name")) == ("SELECT tags_by_media_id", None)
    assert (edit["db.query.summary"], edit.get("db.collection.name")) == ("SELECT media_tag", "media_tag")
