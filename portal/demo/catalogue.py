"""Projects as companies might describe them. The shape of last year's four is that of the published programme."""

from typing import NamedTuple


class Offer(NamedTuple):
    """One project's words and what it asks for: skill code -> level."""

    title: str
    field: str
    summary: str
    data: str
    tasks: tuple[str, ...]
    required: dict[str, int]
    preferred: dict[str, int]

    @property
    def description(self) -> str:
        lines = "\n".join(f"- {task}" for task in self.tasks)
        return (
            f"{self.summary}\n\n하는 일\n{lines}\n\n"
            "진행 방식\n매주 한 번 멘토와 한 주의 결과를 나누고 다음 할 일을 함께 정합니다. "
            "첫 두 주는 데이터와 업무를 배우는 기간이고, 마지막 두 주에는 결과를 정리해 회사 안에서 발표합니다."
        )


LAST_YEAR = [
    Offer("AI 데이터 견적 OJT·R&D", "data", "가공 도면과 지난 견적을 배워 새 주문의 단가와 납기를 제안하는 모형을 만듭니다.",
          "최근 5년 견적·도면 정보 12만 건(거래처 이름은 지운 것)",
          ("도면에서 치수와 재질을 읽어 표로 만들기", "견적 모형을 만들고 담당자의 견적과 비교하기", "견적 담당자가 쓰는 화면에 제안값과 근거를 보여 주기"),
          {"python": 3, "pandas": 3, "boosting": 2}, {"ocr": 2, "explainability": 2, "fastapi": 2}),
    Offer("정신건강 진단·예측 모델", "health", "설문과 생활 기록으로 우울·불안 위험을 일찍 알아차리는 모형을 만들고 검증합니다.",
          "동의를 받은 비식별 설문·수면·활동 기록 8천 명분",
          ("빠진 값과 치우침을 살펴 분석용 자료 만들기", "위험도를 예측하고 전문가와 기준을 정하기", "왜 그런 예측이 나왔는지 설명하는 보고서 만들기"),
          {"python": 3, "statistics": 3, "scikit-learn": 3}, {"anonymization": 2, "explainability": 2, "pytorch": 2}),
    Offer("이상음 탐지", "audio", "설비가 내는 소리를 듣고 고장이 나기 전의 낌새를 찾아냅니다.",
          "펌프와 모터 60대의 소리 1,400시간과 정비 기록",
          ("녹음 위치와 소음을 살펴 쓸 수 있는 소리 고르기", "정상 소리만 배워 이상을 찾는 모형 만들기", "현장 단말에서 바로 알리는 시험 운영"),
          {"python": 3, "signal-processing": 2, "pytorch": 2}, {"sound-events": 2, "anomaly-detection": 2, "onnx": 2}),
    Offer("보이스피싱 자연어 탐지", "nlp", "통화 내용을 글로 옮긴 자료에서 보이스피싱의 말투와 흐름을 찾아냅니다.",
          "공개 보이스피싱 대본과 모의 통화 녹취 2만 건",
          ("통화를 단계로 나누고 위험한 말에 표시하기", "실시간으로 판별할 수 있는 작은 언어 모형 만들기", "잘못 울린 경보를 모아 원인을 줄이기"),
          {"python": 3, "text-classification": 3, "transformers": 2}, {"morphology": 2, "speech-recognition": 2, "model-compression": 2}),
]  # fmt: skip

THIS_YEAR = [
    Offer("금형 견적 자동화 2단계", "data", "지난해 만든 견적 모형을 금형 전 품목으로 넓히고, 담당자가 고친 값을 다시 배우게 합니다.", "견적·도면 정보 18만 건",
          ("새 품목의 도면을 읽는 규칙 늘리기", "담당자가 고친 견적을 모아 다시 학습하기", "견적 근거를 한 장으로 보여 주기"),
          {"python": 3, "pandas": 3, "sql": 2}, {"boosting": 2, "ocr": 2, "fastapi": 2}),
    Offer("견적 문서 이해와 질의응답", "generative", "여러 형식의 견적 요청서를 읽고 빠진 항목을 되묻는 도우미를 만듭니다.", "견적 요청 메일과 첨부 문서 3만 건",
          ("문서에서 품목·수량·납기를 뽑아 표로 만들기", "빠진 정보를 되묻는 대화 흐름 설계", "답의 근거가 된 문장을 함께 보여 주기"),
          {"python": 3, "rag": 2, "prompting": 2}, {"ner": 2, "embeddings": 2, "react": 2}),
    Offer("정신건강 상담 기록 요약", "health", "상담사가 기록에 쓰는 시간을 줄이도록 상담 요약 초안을 만듭니다.", "동의를 받은 비식별 상담 기록 6천 건",
          ("개인정보를 지우는 절차를 만들고 점검하기", "요약 초안을 만들고 상담사와 함께 평가하기", "틀린 요약을 찾아내는 검사 만들기"),
          {"python": 3, "summarization": 2, "anonymization": 2}, {"llm-tuning": 2, "explainability": 2, "transformers": 2}),
    Offer("수면·활동 기록으로 보는 재발 위험", "health", "손목 기기의 기록으로 재발 위험이 높아지는 때를 찾습니다.", "6개월 이상 모은 1,200명의 활동 기록",
          ("끊긴 기록을 다루는 기준 정하기", "시계열 모형으로 위험 구간 찾기", "의료진이 볼 주간 보고서 만들기"),
          {"python": 3, "statistics": 3, "forecasting": 2}, {"pytorch": 2, "visualization": 2}),
    Offer("설비 이상음 현장 단말", "audio", "이상음 모형을 작은 현장 단말에서 돌아가게 줄이고 시험합니다.", "소리 1,400시간과 새로 모을 현장 녹음",
          ("모형을 줄이고 속도와 정확도를 견주기", "단말에서 소리를 받아 판별하기까지 이어 붙이기", "잘못된 경보를 현장과 함께 줄이기"),
          {"python": 3, "signal-processing": 2, "onnx": 2}, {"embedded": 2, "model-compression": 2, "sound-events": 2}),
    Offer("용접 소리로 보는 품질 검사", "audio", "용접하는 동안의 소리와 전류로 불량을 그 자리에서 알아냅니다.", "용접 4만 회의 소리·전류 기록",
          ("소리와 전류의 시간을 맞추기", "불량 종류별로 특징 찾기", "검사원 판정과 견주어 기준 정하기"),
          {"python": 2, "signal-processing": 2, "anomaly-detection": 2}, {"sensors": 2, "librosa": 2}),
    Offer("표면 결함 영상 검사", "vision", "금속 부품 사진에서 긁힘과 기포를 찾아 검사원의 눈을 돕습니다.", "부품 사진 22만 장과 판정 결과",
          ("드문 결함의 사진을 늘리는 방법 시험", "결함 위치를 찾아 표시하기", "검사 속도에 맞춰 모형 줄이기"),
          {"python": 3, "opencv": 2, "object-detection": 3}, {"segmentation": 2, "model-compression": 2, "pytorch": 3}),
    Offer("사출 공정 조건 추천", "manufacturing", "온도와 압력, 속도를 어떻게 바꾸면 불량이 줄지 추천합니다.", "사출기 14대의 3년치 공정 기록",
          ("공정 기록과 불량 기록 잇기", "조건과 불량의 관계를 모형으로 만들기", "현장에서 시험할 조건을 고르는 순서 정하기"),
          {"python": 3, "pandas": 3, "statistics": 2}, {"boosting": 2, "plc": 2, "experiments": 2}),
    Offer("설비 고장 예측과 정비 계획", "manufacturing", "센서 기록으로 고장을 미리 알고 정비 날짜를 제안합니다.", "설비 80대의 진동·온도 기록",
          ("센서 기록의 빠진 구간을 찾아 정리하기", "남은 수명을 예측하기", "정비 담당자와 알림 기준 정하기"),
          {"python": 3, "sensors": 2, "forecasting": 2}, {"anomaly-detection": 3, "airflow": 2}),
    Offer("전력 사용량 예측과 절감", "data", "공장의 전력 사용량을 15분 단위로 예측해 요금이 비싼 때를 피합니다.", "공장 9곳의 2년치 전력·기상 기록",
          ("날씨와 생산 계획을 예측에 넣기", "예측이 크게 빗나간 날의 까닭 찾기", "절감 효과를 계산하는 화면 만들기"),
          {"python": 3, "forecasting": 3, "pandas": 2}, {"visualization": 2, "sql": 2}),
    Offer("스마트팜 생육 예측", "data", "온실의 환경과 작물 사진으로 수확량과 수확일을 예측합니다.", "딸기·토마토 온실 30동의 2년 기록",
          ("환경 기록과 사진을 날짜별로 맞추기", "수확량 예측 모형 만들기", "농가가 보는 주간 안내 만들기"),
          {"python": 2, "pandas": 2, "forecasting": 2}, {"opencv": 2, "visualization": 2, "sensors": 2}),
    Offer("병해충 사진 판별", "vision", "농가가 찍은 잎 사진으로 병해충을 판별하고 대처법을 알려 줍니다.", "병해충 사진 5만 장",
          ("헷갈리는 병을 전문가와 다시 분류하기", "휴대전화에서 도는 작은 모형 만들기", "자신이 없을 때 전문가에게 넘기는 기준 정하기"),
          {"python": 3, "pytorch": 2, "opencv": 2}, {"model-compression": 2, "annotation": 2}),
    Offer("항만 컨테이너 번호 인식", "vision", "드나드는 컨테이너의 번호와 손상을 카메라로 읽습니다.", "게이트 영상 300시간",
          ("흐리고 가려진 번호 읽기", "손상 부위를 찾아 기록하기", "기존 관리 화면과 잇기"),
          {"python": 3, "ocr": 3, "opencv": 2}, {"tracking": 2, "docker": 2}),
    Offer("선박 연료 소모 예측", "data", "항로와 날씨, 배의 상태로 연료 소모를 예측합니다.", "선박 25척의 3년치 운항 기록",
          ("운항 기록과 기상 자료 잇기", "연료 소모 모형을 만들고 설명하기", "항로별 절감 가능량 보고서"),
          {"python": 3, "boosting": 2, "statistics": 2}, {"explainability": 2, "sql": 2}),
    Offer("물류 창고 경로 최적화", "robotics", "자율 운반 로봇이 서로 막지 않게 길을 나눕니다.", "창고 두 곳의 운반 기록과 지도",
          ("막히는 구간과 시간을 찾아내기", "로봇 여러 대의 길을 나누는 방법 시험", "모의 실험과 현장 시험 비교"),
          {"python": 3, "ros": 2, "cpp": 2}, {"slam": 2, "linux": 2}),
    Offer("배송 도착 시각 예측", "recommendation", "배송 차량의 도착 시각을 더 정확히 알려 줍니다.", "배송 120만 건의 위치와 시각 기록",
          ("위치 기록의 잡음 줄이기", "도착 시각 모형과 기준 모형 견주기", "늦어질 때 먼저 알리는 기준 정하기"),
          {"python": 3, "sql": 3, "feature-engineering": 2}, {"spark": 2, "boosting": 2}),
    Offer("자율주행 저속 셔틀 인지", "robotics", "공원 셔틀의 카메라와 라이다로 사람과 자전거를 알아봅니다.", "주행 영상·라이다 90시간",
          ("카메라와 라이다의 좌표 맞추기", "사람과 자전거 추적", "비 오는 날의 실패를 모아 고치기"),
          {"python": 3, "object-detection": 3, "ros": 2}, {"tracking": 3, "slam": 2, "cpp": 2}),
    Offer("드론 시설물 점검", "vision", "드론 사진에서 교량의 균열과 누수를 찾아 지도에 표시합니다.", "교량 40곳의 드론 사진 8만 장",
          ("균열의 길이와 폭 재기", "같은 곳의 해마다 변화 견주기", "점검 보고서 초안 만들기"),
          {"python": 3, "segmentation": 2, "opencv": 2}, {"pytorch": 2, "documentation": 2}),
    Offer("CCTV 보행 안전 분석", "vision", "건널목의 위험한 순간을 찾아 개선할 곳을 알려 줍니다.", "얼굴을 가린 영상 200시간",
          ("사람과 차의 움직임 추적", "아찔한 순간의 기준을 정해 세기", "시간대별 위험 지도 만들기"),
          {"python": 3, "tracking": 2, "object-detection": 2}, {"anonymization": 2, "visualization": 2}),
    Offer("민원 분류와 담당 부서 추천", "nlp", "들어온 민원을 읽고 담당 부서와 비슷한 지난 답변을 추천합니다.", "비식별 민원 40만 건",
          ("민원 분류 체계 다듬기", "분류 모형과 비슷한 글 찾기", "담당자의 수정으로 다시 배우기"),
          {"python": 3, "text-classification": 2, "embeddings": 2}, {"morphology": 2, "django": 2}),
    Offer("계약서 검토 도우미", "generative", "계약서에서 빠지거나 위험한 조항을 찾아 알려 줍니다.", "표준 계약서와 수정 이력 9천 건",
          ("조항을 나누고 종류 붙이기", "위험 조항을 찾고 근거 보여 주기", "변호사의 판단과 견주는 평가 만들기"),
          {"python": 3, "rag": 3, "embeddings": 2}, {"prompting": 2, "ner": 2}),
    Offer("보이스피싱 실시간 경보", "nlp", "통화 중에 위험을 알아차려 바로 알리는 시험 서비스를 만듭니다.", "모의 통화 3만 건",
          ("말이 글로 바뀌는 동안 판별하기", "늦지 않게 알리는 기준 정하기", "여러 말투에서 시험하기"),
          {"python": 3, "transformers": 3, "text-classification": 2}, {"speech-recognition": 2, "fastapi": 2}),
    Offer("방언 음성 인식 개선", "audio", "경남 말씨를 더 잘 알아듣는 음성 인식을 만듭니다.", "동의를 받은 방언 음성 700시간",
          ("잘못 알아듣는 말의 종류 나누기", "방언 자료로 모형 다시 배우기", "어르신 안내 전화에서 시험하기"),
          {"python": 3, "speech-recognition": 2, "pytorch": 2}, {"morphology": 2, "librosa": 2}),
    Offer("어르신 말벗 대화 품질", "generative", "말벗 서비스의 대화가 안전하고 따뜻한지 살피고 고칩니다.", "동의를 받은 대화 2만 건",
          ("위험한 신호를 알아차리는 기준 만들기", "대화 품질을 사람이 평가하는 방법 만들기", "모형의 답을 고치는 지침 다듬기"),
          {"python": 2, "prompting": 3, "llm-tuning": 2}, {"summarization": 2, "experiments": 2}),
    Offer("의료 영상 판독 보조", "health", "흉부 사진에서 먼저 보아야 할 사진을 골라 줍니다.", "공개 흉부 사진 11만 장",
          ("자료의 치우침 살피기", "판독 순서를 정하는 모형 만들기", "틀린 사례를 전문의와 함께 살피기"),
          {"python": 3, "medical-imaging": 2, "pytorch": 3}, {"explainability": 2, "experiments": 2}),
    Offer("약국 재고 예측", "data", "동네 약국의 약 재고를 예측해 떨어지거나 남지 않게 합니다.", "약국 120곳의 판매 기록",
          ("판매가 드문 약의 예측 방법 찾기", "발주 시점과 양 제안하기", "약사가 고친 발주를 다시 배우기"),
          {"python": 2, "sql": 2, "forecasting": 2}, {"pandas": 3, "visualization": 2}),
    Offer("쇼핑 추천 개인화", "recommendation", "지역 특산물 쇼핑몰의 추천을 손님의 때와 취향에 맞춥니다.", "2년치 구매·조회 기록 900만 건",
          ("추천 후보를 만드는 방법 견주기", "새 손님에게 보여 줄 것 정하기", "추천의 효과를 실험으로 재기"),
          {"python": 3, "sql": 3, "embeddings": 2}, {"spark": 2, "experiments": 2}),
    Offer("지역 관광 일정 추천", "recommendation", "머무는 시간과 취향에 맞는 관광 일정을 짜 줍니다.", "장소 1만 곳의 정보와 후기",
          ("장소 정보를 정리하고 태그 붙이기", "이동 시간까지 생각한 일정 만들기", "여행자의 의견으로 고치기"),
          {"python": 2, "embeddings": 2, "sql": 2}, {"rag": 2, "react": 2}),
    Offer("학습 진단과 문제 추천", "recommendation", "학생이 막힌 개념을 찾아 다음 문제를 추천합니다.", "풀이 기록 600만 건",
          ("문제에 개념 붙이기", "이해 정도를 추정하는 모형 만들기", "추천이 도움이 되었는지 재기"),
          {"python": 3, "statistics": 2, "pandas": 2}, {"pytorch": 2, "experiments": 2}),
    Offer("서술형 답안 채점 보조", "nlp", "서술형 답안에서 채점 기준에 맞는 문장을 찾아 표시합니다.", "동의를 받은 답안 4만 건",
          ("채점 기준을 문장으로 나누기", "기준별로 근거 문장 찾기", "교사의 채점과 견주기"),
          {"python": 3, "text-classification": 2, "transformers": 2}, {"explainability": 2, "django": 2}),
    Offer("AI 모형 배포 자동화", "platform", "모형을 시험하고 배포하고 되돌리는 길을 자동으로 만듭니다.", "사내 모형 14개와 배포 기록",
          ("배포 전에 자동으로 시험하기", "성능이 떨어지면 알리고 되돌리기", "누가 보아도 알 수 있는 문서 쓰기"),
          {"docker": 3, "linux": 2, "python": 3}, {"mlflow": 2, "aws": 2, "git": 3}),
    Offer("데이터 수집 파이프라인 정비", "platform", "흩어진 데이터를 매일 모으고 품질을 살피는 길을 만듭니다.", "사내 시스템 9개의 데이터",
          ("수집 작업을 한곳에서 관리하기", "품질이 나빠지면 알리기", "다시 돌려도 같은 결과가 나오게 하기"),
          {"python": 3, "sql": 3, "docker": 2}, {"airflow": 2, "spark": 2}),
    Offer("사내 지식 검색", "generative", "규정과 매뉴얼에서 답과 출처를 함께 찾아 주는 검색을 만듭니다.", "사내 문서 2만 건",
          ("문서를 나누고 찾기 좋게 만들기", "출처가 분명한 답 만들기", "자주 틀리는 질문을 모아 고치기"),
          {"python": 3, "embeddings": 2, "rag": 2}, {"fastapi": 2, "docker": 2, "prompting": 2}),
    Offer("로봇 팔 집기 학습", "robotics", "모양이 다른 부품을 집는 방법을 모의 환경에서 배우게 합니다.", "부품 3차원 모형과 집기 기록",
          ("모의 환경 만들기", "집는 위치를 고르는 모형 배우기", "실제 로봇에서 시험하기"),
          {"python": 3, "ros": 2, "pytorch": 2}, {"opencv": 2, "cpp": 2}),
    Offer("침입 탐지 로그 분석", "platform", "서버 기록에서 평소와 다른 움직임을 찾아냅니다.", "서버 로그 40억 줄",
          ("기록을 묶고 줄이는 방법 정하기", "평소와 다른 묶음 찾기", "경보를 줄이는 기준 정하기"),
          {"python": 3, "linux": 2, "anomaly-detection": 2}, {"spark": 2, "sql": 2}),
    Offer("전통 도자기 문양 분류", "vision", "박물관이 가진 도자기 사진의 문양과 시대를 나눕니다.", "도자기 사진 1만 2천 장",
          ("문양의 이름을 전문가와 정리하기", "적은 사진으로 배우는 방법 시험", "비슷한 문양을 찾아 주는 화면 만들기"),
          {"python": 2, "opencv": 2, "annotation": 2}, {"embeddings": 2, "pytorch": 2}),
]  # fmt: skip
#: Nobody much wants it and it needs three people: the demo's project that will not open.
UNPOPULAR = len(THIS_YEAR) - 1

SECOND_INTAKE = [
    Offer("견적 챗봇 시험 운영", "generative", "견적 도우미를 거래처 세 곳과 함께 시험합니다.", "견적 대화 기록",
          ("대화 기록을 살펴 고칠 곳 찾기", "답의 정확도를 재는 방법 만들기"), {"python": 2, "prompting": 2}, {"rag": 2, "documentation": 2}),
    Offer("도면 비교 검색", "vision", "새 도면과 비슷한 지난 도면을 찾아 줍니다.", "도면 6만 장",
          ("도면의 특징을 숫자로 바꾸기", "비슷한 도면 찾기"), {"python": 3, "opencv": 2}, {"embeddings": 2, "pytorch": 2}),
    Offer("상담 예약 수요 예측", "health", "상담 예약이 몰리는 때를 예측해 상담사 일정을 돕습니다.", "예약 기록 3년",
          ("예약 기록 정리", "주간 예측과 일정 제안"), {"python": 2, "forecasting": 2}, {"sql": 2, "visualization": 2}),
    Offer("이상음 자료 라벨링 도구", "audio", "소리를 들으며 빠르게 표시하는 도구를 만듭니다.", "소리 300시간",
          ("표시 화면 만들기", "모형이 먼저 표시하고 사람이 고치게 하기"), {"python": 2, "annotation": 2}, {"librosa": 2, "react": 2}),
    Offer("공정 데이터 품질 점검", "manufacturing", "센서 데이터의 빠짐과 튐을 매일 살핍니다.", "센서 기록 1년",
          ("점검 규칙 만들기", "담당자에게 알리기"), {"python": 2, "sensors": 2}, {"airflow": 2, "sql": 2}),
]  # fmt: skip
