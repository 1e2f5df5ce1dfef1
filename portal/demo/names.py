"""Names of people and companies nobody has: put together from lists, the same for the same seed."""

from collections import Counter
from collections.abc import Iterable, Iterator
from random import Random

SURNAMES = [
    *("김",) * 42, *("이",) * 29, *("박",) * 17, *("최",) * 9, *("정",) * 9, *("강", "조", "윤", "장", "임") * 4,
    *("한", "오", "서", "신", "권", "황", "안", "송", "류", "전", "홍") * 2,
    "한", "오", "서", "신", "권", "황", "안", "송", "류", "전", "홍", "고", "문", "양", "손", "배", "백", "허", "유", "남", "심", "노",
    "하", "곽", "성", "차", "주", "우", "구", "민", "나", "진", "지", "엄", "채", "원", "천", "방", "공", "현", "함", "변", "염", "여",
    "추", "도", "소", "석", "선", "설", "마", "길", "연", "위", "표", "명", "기", "반", "왕", "금", "옥", "육", "인", "맹", "제", "남궁",
]  # fmt: skip
FIRST = [
    "민",
    "서",
    "지",
    "도",
    "하",
    "예",
    "주",
    "시",
    "준",
    "현",
    "유",
    "수",
    "은",
    "채",
    "태",
    "재",
    "승",
    "윤",
    "다",
    "가",
    "나",
    "아",
    "연",
    "건",
    "우",
    "정",
    "소",
    "성",
    "영",
    "혜",
    "상",
    "동",
    "경",
    "세",
    "진",
    "해",
    "보",
    "이",
    "규",
    "찬",
]
SECOND = [
    "준",
    "서",
    "윤",
    "우",
    "원",
    "현",
    "진",
    "아",
    "은",
    "연",
    "민",
    "빈",
    "호",
    "율",
    "린",
    "희",
    "영",
    "수",
    "훈",
    "혁",
    "주",
    "나",
    "경",
    "인",
    "솔",
    "결",
    "담",
    "람",
    "온",
    "별",
    "재",
    "성",
    "규",
    "찬",
    "석",
    "태",
    "한",
    "환",
    "정",
    "림",
]

#: Words of land, water and weather, and what a company of a field does: 감나무골데이터, 물미르로보틱스 …
PLACES = [
    "너울목", "솔바람재", "물빛나루", "두메결", "새터울", "느티마루", "돌담길", "윤슬포", "해거름", "갈밭머리", "버들내", "안개섬", "볕드리",
    "여울가", "산들녘", "별무리재", "달맞이터", "꽃샘골", "가람여울", "마파람", "한아름재", "은여울목", "모래톱", "구름다리", "대숲안", "나래울",
    "참살터", "바람골", "늘봄터", "온새미",
]  # fmt: skip
TRADES = {
    "data": ["정밀", "데이터", "에너지", "팜테크", "해양기술"],
    "nlp": ["언어연구소", "소프트", "보안기술", "교육"],
    "vision": ["비전", "영상기술", "검사기술", "시스템즈"],
    "audio": ["음향기술", "사운드랩", "음성연구소"],
    "generative": ["소프트", "지식연구소", "케어"],
    "health": ["헬스랩", "메디케어", "의료기술"],
    "manufacturing": ["스마트팩토리", "기계", "산업"],
    "robotics": ["로보틱스", "모빌리티", "물류"],
    "recommendation": ["커머스", "트래블", "에듀", "물류"],
    "platform": ["클라우드", "네트웍스", "정보기술"],
}


def people(rng: Random) -> Iterator[str]:
    """Names without end; a common surname comes more often, as in life."""
    while True:
        first, second = rng.choice(FIRST), rng.choice(SECOND)
        if first != second:
            yield rng.choice(SURNAMES) + first + second


def companies(rng: Random, fields: Iterable[str]) -> Iterator[tuple[str, str]]:
    """``(name, trade)`` of a company of each field, each name once; a taken name gets a number."""
    taken: Counter[str] = Counter()
    places = rng.sample(PLACES, k=len(PLACES))
    for number, field in enumerate(fields):
        trade = rng.choice(TRADES[field]) if number else TRADES[field][0]
        name = places[number % len(places)] + trade
        taken[name] += 1
        yield (name if taken[name] == 1 else f"{name} {taken[name]}"), trade
