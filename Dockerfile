# One image for web, worker, beat and migrate. Nothing is embedded here: only requirements/runtime.txt.

FROM python:3.11-slim AS build
RUN python -m venv /venv
COPY requirements/runtime.txt /tmp/
RUN /venv/bin/pip install --no-cache-dir --disable-pip-version-check \
      --require-hashes --only-binary :all: --requirement /tmp/runtime.txt
WORKDIR /app
COPY . .
# Neither value is used or kept: settings want a key, and a database address says that this is no demo.
RUN SECRET_KEY=build DATABASE_URL=postgres:///build /venv/bin/python manage.py collectstatic --noinput \
    && /venv/bin/python -m compileall -q portal projects matching

FROM python:3.11-slim AS runtime
# The volume of uploads takes its owner from the image's folder.
RUN groupadd --gid 10001 ieum \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin ieum \
    && install --directory --owner 10001 --group 10001 --mode 0750 /media
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 MEDIA_ROOT=/media
WORKDIR /app
COPY --from=build /venv /venv
COPY --from=build /app /app
USER 10001:10001
EXPOSE 8000
CMD ["gunicorn", "portal.wsgi", "--config", "python:portal.gunicorn"]
