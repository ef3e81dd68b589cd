"""What the edited recipe would say of the corpus: figures in sight, which way they were computed, and samples."""

from __future__ import annotations

import streamlit as st

from curation.asking.approach import Way, duration
from curation.asking.trial import Trial, TriedPost
from curation.corpus.reasons import reason
from curation.recipes.recipe import Recipe
from curation.writing.terminal import count
from dashboards import session
from dashboards.markup import badge, plain
from dashboards.parts import cards, comparing, computed
from dashboards.parts.figures import metric
from dashboards.queries import recipe as queries
from dashboards.queries.compare import Request
from dashboards.queries.recipe import Judgement
from dashboards.session import PageContext

#: Seconds within which exact figures are computed without asking.
QUICK = 2.0
#: Posts of a trial that are shown.
SHOWN = 12


def judged(context: PageContext, recipe: Recipe) -> Judgement:
    """What the recipe says of the corpus. Raises `CurationError`."""
    with st.spinner("Judging"):
        return queries.judgement(context.snapshot, recipe, session.rule_book(), quick=QUICK)


def figures(context: PageContext, judgement: Judgement | None, trial: Trial | None) -> None:
    """Draw the figures that stay in sight."""
    counts = context.snapshot.manifest["counts"]
    row = st.container(horizontal=True, gap="small", key="recipe:figures")
    metric(row, f"Kept by {plain(context.corpus.recipe)}", f"{counts['kept']:,}", "")
    if judgement and judgement.outcome:
        total, about = judgement.outcome.total, "" if judgement.outcome.exact else "≈ "
        kept = total.both + total.only_b
        delta = f"{kept - counts['kept']:+,}" if kept != counts["kept"] else None
        metric(row, "Kept by this recipe", f"{about}{kept:,}", "", delta=delta, delta_color="off")
        metric(row, "Lost", f"{about}{total.only_a:,}", "The corpus keeps them, this recipe doesn't.")
        metric(row, "Gained", f"{about}{total.only_b:,}", "This recipe keeps them, the corpus doesn't.")
    elif trial and trial.posts:
        share = trial.kept / len(trial.posts)
        doc = f"{trial.kept:,} of a sample of {len(trial.posts):,}; the corpus keeps {trial.kept_before:,} of these."
        metric(row, "Kept by this recipe", f"≈ {share:.1%}", doc)
        metric(row, "By the corpus, of the same", f"{trial.kept_before / len(trial.posts):.1%}", doc)


def way_words(context: PageContext, judgement: Judgement) -> str:
    """Which way figures were computed, and whether they are exact."""
    name = plain(context.corpus.recipe)
    if judgement.way is Way.CURRENT:
        return f"These rules are those of the corpus *{name}*."
    if judgement.outcome is None:
        return "Other texts or measures than the corpus holds: only a run is exact."
    if not judgement.outcome.exact:
        return f"≈ from the columns of *{name}*: later rules would look at other posts."
    again = ", ".join(plain(context.labels.get(each, each)) for each in judgement.outcome.recalculated)
    return f"Exact, computed from the corpus *{name}*" + (f"; {again} recalculated." if again else ".")


def draw(context: PageContext, recipe: Recipe, judgement: Judgement) -> None:
    """Draw which posts the recipe would lose or gain."""
    outcome = judgement.outcome
    if outcome is None or judgement.way is Way.CURRENT:
        return
    labels = context.labels | {rule.name: rule.label for rule in recipe.rules}
    comparing.flows(outcome.flows(), labels)
    comparing.samples(context, outcome, Request(set=(recipe.fingerprint,)))


def exact_button(context: PageContext, recipe: Recipe, judgement: Judgement) -> None:
    """Draw the button that computes exact figures, where they take a while, and how far that is."""
    key, book = f"recipe:{recipe.fingerprint}:{context.snapshot.identity}", session.rule_book()
    if not judgement.seconds:
        computed.forget(key)
        return
    computed.offer(
        key,
        "Judge exactly",
        f"Compute exactly ({duration(judgement.seconds)})",
        lambda _: queries.judgement(context.snapshot, recipe, book, quick=QUICK, wait=True),
        help="Writes nothing.",
    )


def draw_trial(context: PageContext, recipe: Recipe, trial: Trial) -> None:
    """Draw the posts of a sample that change between kept and removed."""
    st.header("Samples", help="A random sample (fixed seed) of the corpus's posts, run through this recipe.")
    changed = [each for each in trial.posts if each.changes]
    note = f"Tried on {count(len(trial.posts), 'post')}; {len(changed):,} change between kept and removed."
    if trial.comparing:
        names = {rule.name: rule.label for rule in recipe.rules}
        note += f" {', '.join(names[name] for name in trial.comparing)}: they compare only these posts with each other."
    st.caption(plain(note))
    rules = recipe.to_json()["rules"]
    for each in changed[:SHOWN]:
        with st.container(border=True):
            st.html(_tried(context, each, rules))
    if len(changed) > SHOWN:
        st.caption(f"{count(len(changed) - SHOWN, 'more is', 'more are')} not shown.")


def _tried(context: PageContext, each: TriedPost, rules: list[dict[str, object]]) -> str:
    """HTML of a post of the sample with both verdicts."""
    before = "kept" if each.before is None else context.labels.get(each.before, each.before)
    by = each.post["removed_by"]
    rule = next((rule for rule in rules if rule["name"] == by), None)
    now = "kept" if by is None else reason(rule, each.post) if rule else str(by)
    badges = badge(f"now: {before}", kept=each.before is None, rule=each.before or "")
    badges += " " + badge(f"this recipe: {now}", kept=by is None, rule=by or "")
    return f'{cards.head(each.post)}<div class="verdict">{badges}</div>{cards.texts(each.post, rules, "")}'
