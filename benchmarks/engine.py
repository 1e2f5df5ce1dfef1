"""The engine on seeded markets, against two public libraries and a floor in C, on this machine in this run.

    python benchmarks/engine.py [--json FILE] [--largest N] [--without-peers]

Every market has n trainees with 10 wishes, n/5 projects, n/20 companies whose caps bind. From dict to dict (1 000,
10 000, 100 000) the whole way is timed: read and check the market, match, answer. From a stream (up to 1 000 000) the
match alone is timed on flat arrays, against the same in C. The peers, ``matching`` and ``algmatch``, get 10 000
trainees; the matching must be the same. They are installed into an environment of their own, since one of them has our
package's name. Every timing is the best of several runs of a fresh process; memory is that process's peak.
"""

import argparse
import ctypes
import json
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import venv
from array import array
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from matching.engine import Market, check, solve
from matching.engine.acceptance import defer
from matching.engine.arrays import Arrays
from matching.engine.solve import solve_arrays
from matching.engine.stream import read_stream

HERE = Path(__file__).parent
WISHES, SEED = 10, 20_270_301
PEERS = {"matching": "matching==1.4.3", "algmatch": "algmatch==1.5.2"}
PEER_SIZE, PEER_SECONDS = 10_000, 600
TARGETS = {
    "faster than a peer": 500.0,
    "times the floor in C": 12.0,
    "growth of time per wish": 6.0,
    "peak MB at the largest": 1000.0,
    "check / solve": 1.0,
}


# --- markets ------------------------------------------------------------------------------------------


def offers(people: int) -> tuple[dict[str, str], dict[str, int], dict[str, int]]:
    """Owner and places by project, cap by company: about seven in ten places may be filled."""
    chance = random.Random(SEED)
    owner = {f"p{one}": f"c{one % (people // 20)}" for one in range(people // 5)}
    places = {project: chance.choice((2, 3, 4)) for project in owner}
    together: dict[str, list[int]] = {}
    for project, company in owner.items():
        together.setdefault(company, []).append(places[project])
    return owner, places, {company: max(max(own), 7 * sum(own) // 10) for company, own in together.items()}


def document(people: int) -> dict[str, Any]:
    """A market that gives one ranking per company: the form that all three understand."""
    chance = random.Random(SEED + 1)
    owner, places, cap = offers(people)
    prefs = {f"t{one}": [f"p{p}" for p in chance.sample(range(len(owner)), WISHES)] for one in range(people)}
    asked: dict[str, list[str]] = {company: [] for company in cap}
    for trainee, wishes in prefs.items():
        for company in {owner[project] for project in wishes}:
            asked[company].append(trainee)
    for trainees in asked.values():
        chance.shuffle(trainees)
    return {
        "trainees": [{"id": one, "prefs": wishes} for one, wishes in prefs.items()],
        "projects": [{"id": one, "company": owner[one], "capacity": places[one]} for one in owner],
        "companies": [{"id": one, "capacity": cap[one], "ranking": asked[one]} for one in cap],
    }


def rows(people: int) -> Iterator[tuple[str, list[str], list[int]]]:
    """Trainees one by one, with fine scores; nothing of them is kept."""
    chance = random.Random(SEED + 2)
    names = [f"p{one}" for one in range(people // 5)]
    below, digit = chance.random, chance.getrandbits
    for one in range(people):
        wishes = {names[int(below() * len(names))]: digit(14) for _ in range(WISHES)}
        yield f"t{one}", list(wishes), list(wishes.values())


def streamed(people: int) -> Arrays:
    owner, places, cap = offers(people)
    return read_stream(
        cap.items(),
        ((one, owner[one], places[one], 0) for one in owner),
        rows(people),
        "announced beforehand",
    )


# --- measuring ----------------------------------------------------------------------------------------


def best(work: Callable[[], Any], times: int) -> tuple[float, Any]:
    """The least seconds of several runs, and the answer."""
    least = float("inf")
    for _ in range(times):
        began = time.perf_counter()
        answer = work()
        least = min(least, time.perf_counter() - began)
    return least, answer


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure_documents(people: int) -> dict[str, Any]:
    """From dict to dict, and the parts; every run reads a market of its own, so that nothing is remembered."""
    times = 9 if people <= PEER_SIZE else 3
    market_dict = document(people)
    whole, matching = best(lambda: dict(solve(Market.from_json(market_dict)).matching), times)
    peak = peak_mb()
    reading, market = best(lambda: Market.from_json(market_dict), times)
    solving, result = best(lambda: solve(Market.from_json(market_dict)).to_json(), times)
    answer = solve(market)
    checking, violations = best(lambda: check(Market.from_json(market_dict), answer), times)
    if violations:
        raise SystemExit(f"not proved: {violations[:3]}")
    return {
        "people": people,
        "seconds": whole,
        "read": reading,
        "solve": solving - reading,
        "check": checking - reading,
        "size": result["size"],
        "peak_mb": peak,
        "matching": {one: project for one, project in matching.items() if project}
        if people == PEER_SIZE
        else None,
    }


def measure_stream(people: int) -> dict[str, Any]:
    """Reading a stream, and the match alone on its arrays, in Python and in C."""
    began = time.perf_counter()
    arrays = streamed(people)
    feeding = time.perf_counter() - began
    matching, seats = best(lambda: defer(arrays), 5 if people <= 100_000 else 2)
    closed, again = solve_arrays(arrays)
    if closed or again.wish != seats.wish:
        raise SystemExit("two runs, two answers")
    peak = peak_mb()
    floor, wishes = floor_in_c(arrays)
    if wishes is not None and wishes != seats.wish:
        raise SystemExit("the floor in C found another matching")
    return {
        "people": people,
        "feed": feeding,
        "match": matching,
        "per_wish_ns": 1e9 * matching / len(arrays.wish_cell),
        "size": sum(wish >= 0 for wish in seats.wish),
        "peak_mb": peak,
        "floor": floor,
    }


def floor_in_c(arrays: Arrays) -> tuple[float | None, list[int] | None]:
    """The same match in C on the same arrays; nothing where there is no compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        return None, None
    with tempfile.TemporaryDirectory() as folder:
        library = f"{folder}/floor.so"
        source = str(HERE / "floor.c")
        subprocess.run([compiler, "-O3", "-shared", "-fPIC", "-o", library, source], check=True)
        match = ctypes.CDLL(library).match
        start, cell, key = (
            array("q", arrays.wish_start),
            array("i", arrays.wish_cell),
            array("q", arrays.wish_key),
        )
        owner, company_of = array("i", arrays.owner), array("i", arrays.company_of)
        places = array("i", arrays.project_cap)
        first, projects_of = array("q", [0]), array("i")
        for cells in arrays.cells_of_company:
            projects_of.extend(cells)
            first.append(len(projects_of))
        base = array("q", [0])
        for seats in places:
            base.append(base[-1] + seats)

        def run() -> "array[int]":
            wish = array("q", [-1]) * len(arrays.trainees)
            left, heaps = array("i", arrays.company_cap), array("q", bytes(8 * base[-1]))
            sizes = array("i", bytes(4 * len(places)))
            given = (
                start,
                cell,
                key,
                owner,
                company_of,
                places,
                left,
                first,
                projects_of,
                heaps,
                base,
                sizes,
                wish,
            )
            pointers = [ctypes.c_void_p(one.buffer_info()[0]) for one in given]
            match(ctypes.c_int64(len(arrays.trainees)), *pointers)
            return wish

        seconds, wish = best(run, 5)
        return seconds, list(wish)


# --- peers --------------------------------------------------------------------------------------------


def measure_peers(expected: dict[str, str]) -> dict[str, float | None]:
    """Seconds of each peer for the same dict; ``None`` for one that did not finish."""
    found: dict[str, float | None] = {}
    with tempfile.TemporaryDirectory() as folder:
        venv.create(f"{folder}/venv", with_pip=True)
        python = f"{folder}/venv/bin/python"
        quiet = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*quiet, *PEERS.values()], check=True)
        path = Path(folder) / "market.json"
        path.write_text(json.dumps(document(PEER_SIZE)))
        for peer in PEERS:
            command = [
                "sh",
                "-c",
                'ulimit -s unlimited; exec "$@"',
                "sh",
                python,
                str(HERE / "peers.py"),
                peer,
            ]
            try:
                done = subprocess.run(
                    [*command, str(path)], check=True, capture_output=True, timeout=PEER_SECONDS, cwd=folder
                )
            except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
                found[peer] = None
                continue
            answer = json.loads(done.stdout)
            if answer["matching"] != expected:
                raise SystemExit(f"{peer} found another matching")
            found[peer] = answer["seconds"]
    return found


# --- the report ---------------------------------------------------------------------------------------


def in_a_process_of_its_own(what: str, people: int) -> dict[str, Any]:
    command = [sys.executable, __file__, "--one", what, str(people)]
    found: dict[str, Any] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers there too")
    parser.add_argument("--largest", type=int, default=1_000_000, metavar="N")
    parser.add_argument("--without-peers", action="store_true", help="install and run no other library")
    parser.add_argument("--one", nargs=2, metavar=("WHAT", "N"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        measure = {"documents": measure_documents, "stream": measure_stream}[options.one[0]]
        json.dump(measure(int(options.one[1])), sys.stdout)
        return
    sizes = [size for size in (1_000, 10_000, 100_000, 1_000_000) if size <= options.largest]
    documents = [in_a_process_of_its_own("documents", size) for size in sizes if size <= 100_000]
    streams = [in_a_process_of_its_own("stream", size) for size in sizes]
    ours = next((one for one in documents if one["people"] == PEER_SIZE), None)
    peers = {} if options.without_peers or ours is None else measure_peers(ours["matching"])
    for one in documents:
        del one["matching"]
    ratios = ratios_of(documents, streams, peers)
    report(documents, streams, peers, ratios)
    if options.json:
        written = {"documents": documents, "streams": streams, "peers": peers, "ratios": ratios}
        options.json.write_text(json.dumps(written, indent=2) + "\n")


def ratios_of(
    documents: list[dict[str, Any]], streams: list[dict[str, Any]], peers: dict[str, float | None]
) -> dict[str, float]:
    ratios = {}
    for one in documents:
        if one["people"] == PEER_SIZE:
            ratios |= {
                f"faster than {peer}": seconds / one["seconds"] for peer, seconds in peers.items() if seconds
            }
        ratios[f"check / solve at {one['people']:,}"] = one["check"] / one["solve"]
    largest = streams[-1]
    if largest["floor"]:
        ratios["times the floor in C"] = largest["match"] / largest["floor"]
    if len(streams) > 1:
        ratios["growth of time per wish"] = largest["per_wish_ns"] / streams[1]["per_wish_ns"]
    ratios["peak MB at the largest"] = largest["peak_mb"]
    return ratios


def report(
    documents: list[dict[str, Any]],
    streams: list[dict[str, Any]],
    peers: dict[str, float | None],
    ratios: dict[str, float],
) -> None:
    print("From dict to dict (milliseconds)")
    print(f"{'trainees':>10} {'whole':>9} {'read':>9} {'solve':>9} {'check':>9} {'placed':>9} {'peak MB':>9}")
    for one in documents:
        parts = " ".join(f"{1000 * one[name]:9.1f}" for name in ("seconds", "read", "solve", "check"))
        print(f"{one['people']:10,} {parts} {one['size']:9,} {one['peak_mb']:9.0f}")
    for peer, seconds in peers.items():
        told = "did not finish" if seconds is None else f"{seconds:.1f} s, the same matching"
        print(f"{PEER_SIZE:10,} {PEERS[peer]}: {told}")
    print("From a stream (seconds; the match alone against the same in C)")
    print(f"{'trainees':>10} {'feed':>9} {'match':>9} {'C':>9} {'ns/wish':>9} {'placed':>9} {'peak MB':>9}")
    for one in streams:
        floor = f"{one['floor']:9.4f}" if one["floor"] else f"{'-':>9}"
        print(
            f"{one['people']:10,} {one['feed']:9.2f} {one['match']:9.4f} {floor} {one['per_wish_ns']:9.0f}"
            f" {one['size']:9,} {one['peak_mb']:9.0f}"
        )
    print("Ratios and their targets")
    for name, ratio in ratios.items():
        wanted = next((goal for kind, goal in TARGETS.items() if name.startswith(kind)), None)
        at_least = name.startswith("faster than")
        wanted = TARGETS["faster than a peer"] if at_least else wanted
        met = wanted is None or (ratio >= wanted if at_least else ratio <= wanted)
        goal = "" if wanted is None else f"{'at least' if at_least else 'at most'} {wanted:g}"
        print(f"  {name:<28} {ratio:10.2f}   {goal:<14} {'met' if met else 'MISSED'}")


if __name__ == "__main__":
    main()
