from hypothesis import settings

# A busy machine is no fault of the engine: examples have no deadline of their own.
settings.register_profile("engine", deadline=None)
settings.load_profile("engine")
