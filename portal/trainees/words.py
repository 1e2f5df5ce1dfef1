"""The fixed list of fields and skills, version 1: what a new portal begins with. The office adds to it."""

from collections.abc import Iterator

from portal.trainees.models import Field, Skill

#: code -> (name, English name)
FIELDS = {
    "data": ("데이터 분석·예측", "Data analysis"),
    "nlp": ("자연어 처리", "Natural language"),
    "vision": ("컴퓨터 비전", "Computer vision"),
    "audio": ("음성·소리", "Speech and sound"),
    "generative": ("생성형 AI", "Generative AI"),
    "health": ("헬스케어 AI", "Health"),
    "manufacturing": ("제조 AI", "Manufacturing"),
    "robotics": ("로봇·자율주행", "Robotics"),
    "recommendation": ("추천·검색", "Recommendation and search"),
    "platform": ("AI 서비스 운영", "Platforms and operation"),
}

#: parent code -> (name, {child code: name}); children of one parent are siblings
SKILLS = {
    "programming": (
        "프로그래밍",
        {"python": "Python", "sql": "SQL", "javascript": "JavaScript", "java": "Java", "cpp": "C/C++", "r": "R"},
    ),
    "data-work": (
        "데이터 다루기",
        {
            "pandas": "pandas·NumPy",
            "visualization": "데이터 시각화",
            "statistics": "통계 분석",
            "spark": "Spark",
            "airflow": "Airflow",
            "annotation": "데이터 라벨링",
            "anonymization": "개인정보 비식별화",
        },
    ),
    "machine-learning": (
        "기계학습",
        {
            "scikit-learn": "scikit-learn",
            "boosting": "그래디언트 부스팅",
            "feature-engineering": "특성 설계",
            "forecasting": "시계열 예측",
            "anomaly-detection": "이상 탐지",
            "explainability": "설명 가능한 AI",
        },
    ),
    "deep-learning": (
        "딥러닝",
        {
            "pytorch": "PyTorch",
            "tensorflow": "TensorFlow",
            "transformers": "Transformers",
            "model-compression": "모델 경량화",
            "onnx": "ONNX",
        },
    ),
    "language": (
        "언어 처리",
        {
            "text-classification": "문서 분류",
            "morphology": "형태소 분석",
            "ner": "개체명 인식",
            "embeddings": "임베딩 검색",
            "rag": "검색 증강 생성(RAG)",
            "prompting": "프롬프트 설계",
            "llm-tuning": "LLM 미세조정",
            "summarization": "요약",
        },
    ),
    "seeing": (
        "영상 처리",
        {
            "opencv": "OpenCV",
            "object-detection": "객체 검출",
            "segmentation": "영역 분할",
            "ocr": "문자 인식(OCR)",
            "tracking": "객체 추적",
            "medical-imaging": "의료 영상",
        },
    ),
    "hearing": (
        "소리 처리",
        {
            "signal-processing": "신호 처리",
            "librosa": "librosa",
            "speech-recognition": "음성 인식",
            "sound-events": "음향 이벤트 검출",
        },
    ),
    "machines": (
        "기계와 현장",
        {"ros": "ROS 2", "slam": "SLAM", "sensors": "센서 데이터", "plc": "PLC 연동", "embedded": "임베디드"},
    ),
    "service": (
        "서비스 만들기",
        {
            "fastapi": "FastAPI",
            "django": "Django",
            "react": "React",
            "docker": "Docker",
            "linux": "리눅스",
            "git": "Git",
            "mlflow": "MLflow",
            "aws": "AWS",
        },
    ),
    "working": (
        "함께 일하기",
        {"documentation": "기술 문서", "presentation": "발표", "paper-reading": "논문 읽기", "experiments": "실험 설계"},
    ),
}  # fmt: skip

#: code -> English name, where the Korean one is not English already
SKILLS_IN_ENGLISH = {
    "programming": "Programming",
    "data-work": "Handling data",
    "visualization": "Data visualisation",
    "statistics": "Statistics",
    "annotation": "Data labelling",
    "anonymization": "De-identification",
    "machine-learning": "Machine learning",
    "boosting": "Gradient boosting",
    "feature-engineering": "Feature engineering",
    "forecasting": "Time-series forecasting",
    "anomaly-detection": "Anomaly detection",
    "explainability": "Explainable AI",
    "deep-learning": "Deep learning",
    "model-compression": "Model compression",
    "language": "Language",
    "text-classification": "Text classification",
    "morphology": "Morphological analysis",
    "ner": "Named-entity recognition",
    "embeddings": "Embedding search",
    "rag": "Retrieval-augmented generation",
    "prompting": "Prompt design",
    "llm-tuning": "LLM fine-tuning",
    "summarization": "Summarisation",
    "pandas": "pandas and NumPy",
    "seeing": "Images and video",
    "object-detection": "Object detection",
    "segmentation": "Segmentation",
    "ocr": "Character recognition (OCR)",
    "tracking": "Object tracking",
    "medical-imaging": "Medical imaging",
    "hearing": "Sound",
    "signal-processing": "Signal processing",
    "speech-recognition": "Speech recognition",
    "sound-events": "Sound event detection",
    "machines": "Machines and the shop floor",
    "sensors": "Sensor data",
    "plc": "PLC integration",
    "embedded": "Embedded systems",
    "service": "Building services",
    "linux": "Linux",
    "working": "Working together",
    "documentation": "Technical writing",
    "presentation": "Presenting",
    "paper-reading": "Reading papers",
    "experiments": "Design of experiments",
}


def listed_fields() -> Iterator[Field]:
    """The list's fields, unsaved."""
    return (Field(code=code, name=name, name_en=name_en) for code, (name, name_en) in FIELDS.items())


def listed_skills() -> Iterator[Skill]:
    """The list's skills, unsaved, a parent before its children."""
    for parent, (name, children) in SKILLS.items():
        yield Skill(code=parent, name=name, name_en=SKILLS_IN_ENGLISH[parent])
        for code, child in children.items():
            yield Skill(code=code, name=child, name_en=SKILLS_IN_ENGLISH.get(code, child), parent_id=parent)
