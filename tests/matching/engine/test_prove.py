"""Everybody's proof of a random market proves; whoever tampers with one is found."""

import copy
import json

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from matching.engine import Market, solve
from matching.engine.proof import Lines, Prover
from matching.engine.prove import Proof, ProofError, check_proof
from projects.rankings.terms import path_of, receipt_of, root_of
from projects.terms import commitment_of
from tests.matching.engine.markets import documents, large_document
from tests.matching.engine.test_main import run

SECRET, VALUE = "ab" * 32, "3 11 15 29 35 44"


def proofs_of(document):
    """The market, its result, and everybody's proof with a receipt, as the portal makes them."""
    document = {**document, "seed": f"{SECRET}:{VALUE}", "draw": {}}
    market = Market.from_json(document)
    result = solve(market)
    prover = Prover(market, result)
    told = {
        one: (
            4,
            one,
            [int(project[1:]) for project in prover.order(one)],
            "2026-11-23T09:00:00+00:00",
            one.ljust(32),
        )
        for one in market.trainees
    }
    receipts = {one: receipt_of(*facts) for one, facts in told.items() if facts[2]}
    root = root_of(receipts.values())
    made = {}
    for one, (call, owner, items, at, nonce) in told.items():
        receipt = {
            "format": "ieum-receipt-1", "call": call, "owner": owner, "items": items, "at": at, "nonce": nonce,
            "receipt": receipts.get(one), "root": root,
            "path": [list(step) for step in path_of(receipts.values(), receipts[one])] if items else [],
        }  # fmt: skip
        facts = {"receipt": receipt} if items else {}
        made[one] = json.loads(
            json.dumps(
                prover.proof(
                    one, call=4, commitment=commitment_of(SECRET), secret=SECRET, value=VALUE, **facts
                )
            )
        )
    return (
        market,
        result,
        made,
        {"root": root, "lines": prover.tree.root, "commitment": commitment_of(SECRET)},
    )


def faults_of(document, **published):
    return check_proof(Proof.from_json(json.dumps(document)), **published)


#: Wide projects, whose lines are shown, beside narrow ones.
WIDE = large_document(60, 8, 4, wishes=5, places=(2, 3, 5), minimum=2, cap=8, seed=3)


@given(documents(trainees=6, projects=4, companies=3, minimums=True))
def test_everybodys_proof_proves(document):
    _market, result, made, published = proofs_of(document)

    assert {one: faults_of(proof, **published) for one, proof in made.items()} == {key: [] for key in made}
    assert {one: proof["matched"] for one, proof in made.items()} == result.matching


@pytest.mark.parametrize("seed", range(4))
def test_everybodys_proof_of_a_larger_market_proves(seed):
    *_, made, published = proofs_of(
        large_document(150, 20, 10, minimum=2, cap=7, places=(2, 3, 4, 6), seed=seed)
    )

    assert [faults_of(proof, **published) for proof in made.values()] == [[]] * len(made)
    kinds = {
        line["line"]["circle"]
        for proof in made.values()
        for wish in proof["wishes"]
        for line in wish.get("lines", [])
    }
    assert kinds >= {"project", "company"}


@given(documents(trainees=6, projects=4, companies=3, minimums=True), st.data())
def test_another_matched_project_is_found(document, data):
    _market, _result, made, _published = proofs_of(document)
    proof = data.draw(st.sampled_from(list(made.values())))
    assume(not proof["fixed"])
    others = {None, *(wish["project"] for wish in proof["wishes"]), "p99"} - {proof["matched"]}

    proof["matched"] = data.draw(st.sampled_from(sorted(others, key=str)))

    assert faults_of(proof) != []


@given(documents(trainees=6, projects=4, companies=3, minimums=True), st.data())
def test_another_list_is_found(document, data):
    _market, _result, made, _published = proofs_of(document)
    proof = data.draw(st.sampled_from(list(made.values())))
    assume(len(proof["wishes"]) > 1)
    change = data.draw(st.sampled_from(["swap", "drop", "items", "receipt"]))
    match change:
        case "swap":
            proof["wishes"][:2] = reversed(proof["wishes"][:2])
        case "drop":
            del proof["wishes"][0]
        case "items":
            proof["receipt"]["items"].reverse()
        case "receipt":
            del proof["receipt"]

    assert faults_of(proof) != []


@given(documents(trainees=6, projects=4, companies=3), st.data())
def test_flipped_answer_at_a_hidden_line_is_found(document, data):
    _market, _result, made, _published = proofs_of(document)
    proof = data.draw(st.sampled_from(list(made.values())))
    assume(not proof["fixed"])
    names = [wish["project"] for wish in proof["wishes"]]
    upto = names.index(proof["matched"]) + 1 if proof["matched"] else len(names)
    hidden = [wish for wish in proof["wishes"][:upto] if "admitted" in wish]
    assume(hidden)
    wish = data.draw(st.sampled_from(hidden))

    wish["admitted"] = not wish["admitted"]

    assert set(faults_of(proof)) & {"better_reached", "not_reached"}


def each_line(made):
    for one, proof in made.items():
        for at, wish in enumerate(proof["wishes"]):
            for number in range(len(wish.get("lines", []))):
                yield one, at, number


@pytest.mark.parametrize(
    "change",
    [
        lambda line: line["line"].update(capacity=line["line"]["capacity"] + 1),
        lambda line: line["line"].update(full=not line["line"]["full"]),
        lambda line: line["line"].update(last={"score": 10**6, "draw": 0}),
        lambda line: line["line"].update(id="p999"),
        lambda line: line["line"].update(company="c999"),
        lambda line: line.update(path=line["path"][:-1]),
        lambda line: line.update(path=[["left", "0" * 64], *line["path"][1:]]),
    ],
    ids=["capacity", "full", "last", "id", "company", "shorter path", "other path"],
)
def test_changed_line_is_found_in_every_proof(change):
    *_, made, published = proofs_of(WIDE)
    checked = 0

    for one, at, number in each_line(made):
        proof = copy.deepcopy(made[one])
        change(proof["wishes"][at]["lines"][number])
        assert "line_not_under_root" in faults_of(proof, **published)
        checked += 1

    assert checked > 100


@pytest.mark.parametrize("change", ["left out", "hidden", "of another"])
def test_line_is_neither_left_out_nor_hidden_nor_another_projects(change):
    *_, made, _published = proofs_of(WIDE)
    found = []
    for one, at, number in each_line(made):
        proof = copy.deepcopy(made[one])
        wish = proof["wishes"][at]
        other = next(each for each in proof["wishes"] if each is not wish)
        match change:
            case "left out":
                del wish["lines"][number]
            case "hidden":
                if wish["state"] != "open" or wish["lines"][-1]["line"]["full"] is None:
                    continue
                wish["admitted"] = False
            case "of another":
                if not other.get("lines"):
                    continue
                wish["lines"][0] = other["lines"][0]
        found.append(faults_of(proof))

    assert len(found) > 50
    assert all("line_of_another" in faults for faults in found)


@given(st.data())
def test_changed_path_of_the_receipt_is_found(data):
    *_, made, _published = proofs_of(WIDE)
    proof = data.draw(st.sampled_from([proof for proof in made.values() if proof["wishes"]]))
    step = data.draw(st.sampled_from(proof["receipt"]["path"]))

    step[1] = step[1][1:] + ("0" if step[1][0] != "0" else "1") if len(set(step[1])) > 1 else "1" * 64

    assert "not_under_root" in faults_of(proof)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"commitment": "0" * 64}, "commitment_differs"),
        ({"secret": "other"}, "commitment_differs"),
        ({"value": "1 2 3"}, "seed_differs"),
        ({"seed": "other"}, "draw_differs"),
        ({"draw": 1}, "draw_differs"),
        ({"trainee": "t999"}, "other_owner"),
        ({"lines_root": "0" * 64}, "line_not_under_root"),
    ],
)
def test_changed_fact_is_found(change, code):
    *_, made, _published = proofs_of(WIDE)
    proof = next(proof for proof in made.values() if proof["wishes"])

    assert code in faults_of({**proof, **change})


@pytest.mark.parametrize(
    ("option", "code"), [("root", "other_root"), ("lines", "other_lines"), ("commitment", "other_commitment")]
)
def test_what_was_published_is_compared(option, code):
    *_, made, published = proofs_of(WIDE)
    proof = next(proof for proof in made.values() if proof["wishes"])

    assert faults_of(proof, **{**published, option: "0" * 64}) == [code]


def test_narrow_projects_show_nobodys_standing():
    _market, _result, made, _published = proofs_of(WIDE)
    seen = set()

    for proof in made.values():
        for wish in proof["wishes"]:
            for shown in wish.get("lines", []):
                line = shown["line"]
                seen.add((line["capacity"] < 3, line["last"] is None))
                if line["capacity"] < 3:
                    assert (line["last"], line["full"]) == (None, None)

    assert (True, False) not in seen
    assert (False, False) in seen


@pytest.mark.parametrize("count", range(9))
def test_root_of_the_lines_is_that_of_the_receipts_tree(count):
    """Layer by layer is the same tree as split at powers of two."""
    from hashlib import sha256

    from matching.engine.canonical import canonical_json
    from projects.rankings.terms import _root

    lines = [{"circle": "project", "id": f"p{number}"} for number in range(count)]

    leaves = sorted(sha256(b"\0" + canonical_json(line)).digest() for line in lines)

    assert Lines(lines).root == _root(leaves).hex()


def test_rule_that_promotes_has_no_line_for_everybody():
    market = Market.from_json(WIDE)

    with pytest.raises(ValueError, match="by the rule draw"):
        Prover(market, solve(market, rule="fill"))


@pytest.mark.parametrize(
    ("change", "place", "code"),
    [
        ({"format": "ieum-proof-2"}, "/format", "wrong_format"),
        ({"rule": "fill"}, "/rule", "wrong_format"),
        ({"draw": -1}, "/draw", "negative"),
        ({"fixed": 1}, "/fixed", "wrong_type"),
        ({"matched": 7}, "/matched", "wrong_type"),
        ({"lines_root": "x"}, "/lines_root", "not_a_hash"),
        ({"wishes": [{"project": "p1", "state": "maybe"}]}, "/wishes/0/state", "not_a_state"),
        ({"wishes": [{"project": "p1"}]}, "/wishes/0", "missing"),
        ({"wishes": [{"project": "p1", "state": "open", "lines": [{}]}]}, "/wishes/0/lines/0", "missing"),
        ({"wishes": "x"}, "/wishes", "wrong_type"),
        ({"receipt": []}, "/receipt", "wrong_type"),
        ({"more": 1}, "", "unknown_key"),
    ],
)
def test_fault_is_named_with_its_place(change, place, code):
    *_, made, _published = proofs_of(WIDE)
    proof = next(iter(made.values()))

    with pytest.raises(ProofError) as error:
        Proof.from_json(json.dumps({**proof, **change}))

    assert (place, code) in [(fault.place, fault.code) for fault in error.value.faults]


@pytest.mark.parametrize(
    "text", [b"", b"[]", b"{", b"\xff", b"[" * 100_000, b'{"draw": NaN}', b" " * (8 * 2**20 + 1)]
)
def test_hostile_file_is_refused(text):
    with pytest.raises(ProofError):
        Proof.from_json(text)


def test_command_proves_and_says_so(tmp_path):
    *_, made, published = proofs_of(WIDE)
    proof = next(proof for proof in made.values() if proof["matched"])
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(proof))

    options = [f"--{name}={value}" for name, value in published.items()]
    done = run("prove", path, *options)
    alone = run("prove", path, "--lang", "en")
    path.write_text(json.dumps({**proof, "matched": None}))
    tampered = run("prove", path, *options)
    path.write_text("{")
    broken = run("prove", path)

    assert (done.returncode, alone.returncode, tampered.returncode, broken.returncode) == (0, 0, 1, 2)
    assert json.loads(done.stdout)["proved"] is True
    assert json.loads(tampered.stdout)["faults"] == ["better_reached"]
    assert "증명됨" in done.stderr.decode()
    assert published["root"] in alone.stderr.decode()
    assert b"Traceback" not in broken.stderr
