"""Play seeds of chaos: many, with a table of what happened, or one, with all that happened to it.

Each seed is a run that meets the faults that follow from the seed. It must end in time, with the one right report or
with a cause, and leave nothing behind.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from bootstrap.errors import BootstrapError
from emulator.ports import ServerError
from observatory.story.story import tell
from observatory.terminal.story_tables import story_page
from testkit.ports import free_port
from tests.chaos.campaign import Campaign, run_campaign
from tests.chaos.runs import play
from tests.chaos.sandbox import ChaosSandbox, running_chaos_sandbox
from tests.chaos.tables import faults_table, outcome_line
from tests.chaos.verdict import Outcome, judge

SEEDS = 200
EXIT_WRONG = 1
EXIT_NOT_STARTED = 2

FILE_WIDTH = 160

console = Console(highlight=False, width=None if sys.stdout.isatty() else FILE_WIDTH)


def main() -> int:
    """Do what the command line asks for, and return the exit status: 1 when something is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seed", type=int, metavar="S", help="play this one, and show all that happens")
    parser.add_argument("--seeds", type=int, metavar="N", default=SEEDS, help="play 1 to N (default: %(default)s)")
    options = parser.parse_args()
    try:
        with tempfile.TemporaryDirectory() as folder, running_chaos_sandbox(Path(folder), free_port()) as sandbox:
            return play_one(sandbox, options.seed) if options.seed is not None else play_many(sandbox, options.seeds)
    except (ServerError, BootstrapError) as error:
        console.print(str(error), style="red", markup=False, soft_wrap=True)
        return EXIT_NOT_STARTED


def play_many(sandbox: ChaosSandbox, seeds: int) -> int:
    """Play seeds 1 to *seeds*, and say what came of them."""
    with Progress(console=console) as progress:
        task = progress.add_task("seeds", total=seeds)

        def on_outcome(outcome: Outcome) -> None:
            progress.advance(task)
            progress.console.print(outcome_line(outcome), markup=False, soft_wrap=True)

        campaign = run_campaign(sandbox, range(1, seeds + 1), on_outcome)
    console.print(faults_table(campaign.outcomes))
    complain(campaign)
    return 0 if campaign.is_right else EXIT_WRONG


def complain(campaign: Campaign) -> None:
    """Say what is wrong, and how to see it again."""
    for seed, wrong in campaign.wrong.items():
        for what in wrong:
            console.print(f"seed {seed} {what}", style="red", markup=False, soft_wrap=True)
        console.print(f"  again: make chaos SEED={seed}")
    for what in (*campaign.executions, *(f"left behind: {what}" for what in campaign.left)):
        console.print(what, style="red", markup=False, soft_wrap=True)


def play_one(sandbox: ChaosSandbox, seed: int) -> int:
    """Play a seed, and show what it met, the story of its run and what came of it."""
    (outcome,) = play(sandbox.clients, [seed])
    for fault, thing in outcome.happened:
        console.print(f"{fault} {thing}", markup=False)
    story = tell(sandbox.clients, sandbox.clients.stack, outcome.job)
    console.print(story_page(story, None))
    console.print(outcome_line(outcome), markup=False, soft_wrap=True)
    wrong = judge(outcome, sandbox.clients.settings)
    for what in wrong:
        console.print(what, style="red", markup=False, soft_wrap=True)
    return EXIT_WRONG if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
