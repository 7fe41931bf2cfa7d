"""The names of all tags, genres, channels or people cleaned by rules, as `normaliseTags` and the like do it at once."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import partial

from catalog.taxonomy.normalise import plan_normalise
from catalog.taxonomy.noun import TAXONOMY_NOUNS
from catalog.taxonomy.operation import Outcome, perform
from catalog.taxonomy.rules import Ampersand, NameCase, Rules
from catalog.transaction import Writer, transact
from domain.enums import JobLogLevel, TaxonomyNoun, TaxonomyOrigin
from domain.ids import format_id
from jobs.kind import JobContext, JobCounts, JobKind
from jobs.parameters import parameter

SHOWN_CONFLICTS = 50


@dataclass(frozen=True, slots=True)
class NormaliseNames:
    """A rule that is not given is not applied."""

    noun: TaxonomyNoun = parameter("Of what the names are cleaned.")
    separators: bool = parameter("Hyphens, underscores and camelCase between words become spaces.", default=False)
    punctuation: bool = parameter("Marks become spaces; apostrophes and quotation marks go.", default=False)
    ampersand: Ampersand | None = parameter('How "and" is written between words.', default=None)
    numbers: bool = parameter("Number words up to twelve become digits.", default=False)
    plurals: bool = parameter("The last word is put into the singular by English rules.", default=False)
    accents: bool = parameter("Accents are taken away.", default=False)
    case: NameCase | None = parameter("Which letters are capitals.", default=None)


async def normalise_names(context: JobContext, parameters: NormaliseNames) -> str | None:
    """In one transaction, with its checkpoint: it is done, or nothing is."""
    if "operation" in context.state:
        return None
    given = {one.name: getattr(parameters, one.name) for one in fields(parameters)}
    noun = TAXONOMY_NOUNS[given.pop("noun")]
    asked: dict[str, object] = {name: value for name, value in given.items() if value}
    context.step(f"Clean the names of {noun.plural}")

    async def work(writer: Writer) -> Outcome:
        make = partial(plan_normalise, noun=noun, rules=Rules(**given), asked=asked)
        outcome = await perform(writer, make, TaxonomyOrigin.JOB)
        await context.save(writer, {"operation": outcome.operation}, counts_of(outcome))
        return outcome

    outcome = await transact(context.session, context.viewer, "normalise_names", work)
    for conflict in outcome.conflicts[:SHOWN_CONFLICTS]:
        context.log(f"{conflict.code}: {conflict.message}", JobLogLevel.WARNING)
    if outcome.operation is None:
        return f"All names of {noun.plural} are clean."
    return f'To undo it: undo(operation: "{format_id("taxonomy_operation", outcome.operation)}").'


def counts_of(outcome: Outcome) -> JobCounts:
    """Names, and the conflicts that kept some from being cleaned."""
    done, codes = outcome.counts, [str(conflict.code) for conflict in outcome.conflicts]
    by_outcome = {"renamed": done.renamed, "merged": done.merged, "moved": done.moved}
    by_code = {code: codes.count(code) for code in sorted(set(codes))}
    return JobCounts(done.renamed + done.merged, len(codes), by_outcome, by_code)


NORMALISE_NAMES = JobKind(
    name="normalise_names",
    description="Cleans the names of all tags, genres, channels or people by rules.",
    parameters=NormaliseNames,
    run=normalise_names,
    exclusive_key=lambda parameters: f"normalise_names {parameters.noun}",
)
