# One image for web, worker, beat and preparation; docker-compose.yml says which command each runs.
FROM python:3.13-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
RUN useradd --uid 10001 --no-create-home --home-dir /app tinhso
WORKDIR /app

COPY requirements.txt .
RUN pip install --no-cache-dir --disable-pip-version-check -r requirements.txt

COPY . .
# Settings ask for a key and a database; collecting files uses neither, so the key is thrown away and the address leads nowhere.
RUN mkdir -p var/run var/log \
    && python -m runtime translations \
    && SECRET_KEY="$(python -c 'import secrets; print(secrets.token_hex(32))')" \
       DATABASE_URL=postgresql://nobody@127.0.0.1:1/none \
       python manage.py collectstatic --noinput --verbosity 0 --ignore redoc --ignore rest_framework \
    && chown -R tinhso var

USER tinhso
EXPOSE 8000
CMD ["python", "-m", "gunicorn", "--config", "python:runtime.web", "config.wsgi:application"]
