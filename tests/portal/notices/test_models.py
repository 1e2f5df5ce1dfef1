import pytest

from portal.notices.models import Block, parse_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("제목", ("제목", [], "")),
        ("제목\n\n본문", ("제목", [Block(["본문"], False)], "")),
        ("제목\n\n첫 줄\n둘째 줄", ("제목", [Block(["첫 줄", "둘째 줄"], False)], "")),
        ("제목\n\n하나\n\n둘", ("제목", [Block(["하나"], False), Block(["둘"], False)], "")),
        ("제목\n\n- 가\n\n- 나", ("제목", [Block(["가", "나"], True)], "")),
        ("제목\n\n까닭:\n- 가", ("제목", [Block(["까닭:"], False), Block(["가"], True)], "")),
        ("\n제목\n\n\n\n본문\n\n> 열기\n", ("제목", [Block(["본문"], False)], "열기")),
        (
            "제목\n\n> 본문 가운데\n\n끝",
            ("제목", [Block(["> 본문 가운데"], False), Block(["끝"], False)], ""),
        ),
    ],
)
def test_words_are_taken_apart(text, words):
    assert parse_words(text) == words
