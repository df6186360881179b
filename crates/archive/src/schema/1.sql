-- Everything that happened and what came of it. Whole numbers without a sign (seeds) are stored as the signed ones
-- with the same bits; instants are milliseconds since 1970 in UTC.

CREATE TABLE runs (
  id TEXT PRIMARY KEY,
  created_at BIGINT NOT NULL,
  source TEXT NOT NULL,
  status TEXT NOT NULL,
  failure TEXT,
  kind TEXT NOT NULL,
  scenario TEXT NOT NULL,
  scenario_text TEXT NOT NULL,
  overrides TEXT NOT NULL,
  seed BIGINT NOT NULL,
  replications BIGINT NOT NULL,
  engine TEXT NOT NULL,
  revision TEXT NOT NULL,
  ledger_hash TEXT,
  results TEXT
);
CREATE INDEX runs_by_age ON runs (created_at, id);

-- A ledger is here as a whole or not at all.
CREATE TABLE ledgers (
  ledger {identity},
  run TEXT NOT NULL UNIQUE REFERENCES runs (id),
  hash TEXT NOT NULL,
  row_count BIGINT NOT NULL,
  received_at BIGINT NOT NULL,
  provenance TEXT NOT NULL,
  dictionary TEXT NOT NULL
);

-- What the numbers in rows mean. A number is called by the label that it is in, else by noun and number.
CREATE TABLE ledger_kinds (
  ledger BIGINT NOT NULL REFERENCES ledgers (ledger),
  kind INTEGER NOT NULL,
  name TEXT NOT NULL,
  subject_noun INTEGER,
  object_noun INTEGER,
  value_meaning TEXT NOT NULL,
  PRIMARY KEY (ledger, kind)
);
CREATE TABLE ledger_nouns (
  ledger BIGINT NOT NULL REFERENCES ledgers (ledger),
  noun INTEGER NOT NULL,
  name TEXT NOT NULL,
  PRIMARY KEY (ledger, noun)
);
CREATE TABLE ledger_labels (
  ledger BIGINT NOT NULL REFERENCES ledgers (ledger),
  noun INTEGER NOT NULL,
  first_number BIGINT NOT NULL,
  number_count BIGINT NOT NULL,
  name TEXT NOT NULL,
  PRIMARY KEY (ledger, noun, first_number)
);

-- One row an event; `value` is null where it is not a number, the others where there is none.
CREATE TABLE ledger_rows (
  ledger BIGINT NOT NULL,
  seq BIGINT NOT NULL,
  time_ns BIGINT NOT NULL,
  kind INTEGER NOT NULL,
  subject BIGINT,
  object BIGINT,
  value {real},
  cause BIGINT,
  PRIMARY KEY (ledger, seq)
){clustered};

-- The hashes that the ledger's hash is made of.
CREATE TABLE chunks (
  ledger BIGINT NOT NULL REFERENCES ledgers (ledger),
  chunk BIGINT NOT NULL,
  hash TEXT NOT NULL,
  row_count BIGINT NOT NULL,
  received_at BIGINT NOT NULL,
  PRIMARY KEY (ledger, chunk)
);

-- Ledgers that come in pieces wait here until they are whole.
CREATE TABLE uploads (
  run TEXT PRIMARY KEY,
  source TEXT NOT NULL,
  declared_at BIGINT NOT NULL,
  touched_at BIGINT NOT NULL,
  row_count BIGINT NOT NULL,
  hash TEXT NOT NULL,
  provenance TEXT NOT NULL,
  dictionary TEXT NOT NULL
);
CREATE TABLE upload_chunks (
  run TEXT NOT NULL REFERENCES uploads (run),
  chunk BIGINT NOT NULL,
  hash TEXT NOT NULL,
  received_at BIGINT NOT NULL,
  content {bytes} NOT NULL,
  PRIMARY KEY (run, chunk)
);

-- Rows with the names of everything.
CREATE VIEW ledger_events AS
SELECT
  ledgers.run, row.ledger, row.seq, row.time_ns, CAST(row.time_ns AS DOUBLE PRECISION) / 1e9 AS time_secs,
  kinds.name AS kind,
  subjects.name AS subject_noun, row.subject,
  CASE
    WHEN subject_labels.number_count = 1 THEN subject_labels.name
    WHEN subject_labels.number_count > 1
      THEN subject_labels.name || '#' || CAST(row.subject - subject_labels.first_number + 1 AS TEXT)
    ELSE subjects.name || ' ' || CAST(row.subject AS TEXT)
  END AS subject_name,
  objects.name AS object_noun, row.object,
  CASE
    WHEN object_labels.number_count = 1 THEN object_labels.name
    WHEN object_labels.number_count > 1
      THEN object_labels.name || '#' || CAST(row.object - object_labels.first_number + 1 AS TEXT)
    ELSE objects.name || ' ' || CAST(row.object AS TEXT)
  END AS object_name,
  row.value, kinds.value_meaning, row.cause
FROM ledger_rows AS row
JOIN ledgers ON ledgers.ledger = row.ledger
JOIN ledger_kinds AS kinds ON kinds.ledger = row.ledger AND kinds.kind = row.kind
LEFT JOIN ledger_nouns AS subjects ON subjects.ledger = row.ledger AND subjects.noun = kinds.subject_noun
LEFT JOIN ledger_nouns AS objects ON objects.ledger = row.ledger AND objects.noun = kinds.object_noun
LEFT JOIN ledger_labels AS subject_labels
  ON subject_labels.ledger = row.ledger AND subject_labels.noun = kinds.subject_noun
  AND row.subject >= subject_labels.first_number
  AND row.subject < subject_labels.first_number + subject_labels.number_count
LEFT JOIN ledger_labels AS object_labels
  ON object_labels.ledger = row.ledger AND object_labels.noun = kinds.object_noun
  AND row.object >= object_labels.first_number
  AND row.object < object_labels.first_number + object_labels.number_count;

-- Process worlds: each visit of a case at a station. Waits add up over interruptions, so the last is the largest.
CREATE VIEW process_visits AS
SELECT
  ledger, subject AS case_number, visit,
  MAX(CASE WHEN kind = 'enter' THEN object END) AS station,
  MIN(CASE WHEN kind = 'enter' THEN time_ns END) AS entered_ns,
  MAX(CASE WHEN kind IN ('start', 'abandon') THEN value END) AS wait_secs,
  MAX(CASE WHEN kind = 'end' THEN value END) AS service_secs,
  MAX(CASE WHEN kind = 'end' THEN 1 ELSE 0 END) AS served,
  MAX(CASE WHEN kind = 'abandon' THEN 1 ELSE 0 END) AS abandoned,
  MAX(CASE WHEN kind = 'balk' THEN 1 ELSE 0 END) AS turned_away
FROM (
  SELECT
    row.ledger, row.time_ns, row.subject, row.object, row.value, kinds.name AS kind,
    SUM(CASE WHEN kinds.name = 'enter' THEN 1 ELSE 0 END)
      OVER (PARTITION BY row.ledger, row.subject ORDER BY row.seq) AS visit
  FROM ledger_rows AS row
  JOIN ledger_kinds AS kinds ON kinds.ledger = row.ledger AND kinds.kind = row.kind
  WHERE kinds.name IN ('enter', 'start', 'end', 'abandon', 'balk')
) AS steps
WHERE visit > 0
GROUP BY ledger, subject, visit;

-- Process worlds: what the report says of each station.
CREATE VIEW process_stations AS
SELECT
  visits.ledger, visits.station, labels.name,
  COUNT(*) AS arrivals,
  SUM(visits.served) AS served,
  COUNT(visits.wait_secs) AS waits,
  AVG(visits.wait_secs) AS mean_wait_secs,
  SUM(visits.abandoned) AS abandoned,
  CAST(SUM(visits.abandoned) AS DOUBLE PRECISION) / NULLIF(COUNT(visits.wait_secs), 0) AS abandoned_share,
  SUM(visits.turned_away) AS turned_away,
  AVG(visits.service_secs) AS mean_service_secs
FROM process_visits AS visits
LEFT JOIN ledger_nouns AS nouns ON nouns.ledger = visits.ledger AND nouns.name = 'station'
LEFT JOIN ledger_labels AS labels
  ON labels.ledger = visits.ledger AND labels.noun = nouns.noun AND labels.first_number = visits.station
GROUP BY visits.ledger, visits.station, labels.name;
