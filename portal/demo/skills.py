"""What courses teach."""

#: What people of a course learn first, by field; everybody also knows some Python.
COURSES = {
    "data": ("pandas", "sql", "statistics", "visualization", "scikit-learn", "boosting", "forecasting"),
    "nlp": ("text-classification", "morphology", "transformers", "pytorch", "embeddings", "ner"),
    "vision": ("opencv", "pytorch", "object-detection", "segmentation", "ocr", "tracking"),
    "audio": ("signal-processing", "librosa", "pytorch", "speech-recognition", "sound-events"),
    "generative": ("prompting", "rag", "llm-tuning", "embeddings", "fastapi", "transformers"),
    "health": ("statistics", "medical-imaging", "anonymization", "explainability", "pandas", "pytorch"),
    "manufacturing": ("sensors", "anomaly-detection", "forecasting", "plc", "opencv", "pandas"),
    "robotics": ("ros", "slam", "cpp", "opencv", "tracking", "embedded"),
    "recommendation": ("sql", "embeddings", "pandas", "boosting", "feature-engineering", "spark"),
    "platform": ("docker", "linux", "fastapi", "aws", "mlflow", "django", "react"),
}
