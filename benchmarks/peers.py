"""The public libraries that benchmarks/engine.py is compared with, in a process that does not see our own package.

    python peers.py matching|algmatch market.json > answer.json

Both are asked for the student-optimal matching of the same dict; reading the file and writing the answer is not timed.
"""

import json
import sys
import threading
import time
from typing import Any


def by_matching(market: dict[str, Any]) -> tuple[float, dict[str, str]]:
    from matching.games import StudentAllocation

    began = time.perf_counter()
    students = {one["id"]: one["prefs"] for one in market["trainees"]}
    supervisors = {one["id"]: one["ranking"] for one in market["companies"]}
    owners = {one["id"]: one["company"] for one in market["projects"]}
    places = {one["id"]: one["capacity"] for one in market["projects"]}
    caps = {one["id"]: one["capacity"] for one in market["companies"]}
    game = StudentAllocation.create_from_dictionaries(students, supervisors, owners, places, caps)
    found = {
        one.name: project.name for project, people in game.solve(optimal="student").items() for one in people
    }
    return time.perf_counter() - began, found


def by_algmatch(market: dict[str, Any]) -> tuple[float, dict[str, str]]:
    from algmatch import StudentProjectAllocation

    began = time.perf_counter()
    document = {  # it takes whole numbers for names
        "students": {number(one["id"]): list(map(number, one["prefs"])) for one in market["trainees"]},
        "projects": {
            number(one["id"]): {"capacity": one["capacity"], "lecturer": number(one["company"])}
            for one in market["projects"]
        },
        "lecturers": {
            number(one["id"]): {"capacity": one["capacity"], "preferences": list(map(number, one["ranking"]))}
            for one in market["companies"]
        },
    }
    solver = StudentProjectAllocation(dictionary=document, optimised_side="students")
    answer = solver.get_stable_matching()["student_sided"]
    found = {f"t{number(one)}": project for one, project in answer.items() if project}
    return time.perf_counter() - began, found


def number(name: str) -> int:
    return int(name[1:])


def main(peer: str, path: str) -> None:
    with open(path) as file:
        market = json.load(file)
    solve = {"matching": by_matching, "algmatch": by_algmatch}[peer]
    answers: list[tuple[float, dict[str, str]]] = []
    # One of them copies itself recursively, person by person: without room for that it does not finish.
    sys.setrecursionlimit(10**7)
    threading.stack_size(2**29)
    worker = threading.Thread(target=lambda: answers.append(solve(market)))
    worker.start()
    worker.join()
    seconds, matching = answers[0]
    json.dump({"seconds": seconds, "matching": matching}, sys.stdout)


main(*sys.argv[1:])
