-- Which program has last tried to make the run of a ledger again, for its figures.
ALTER TABLE runs ADD COLUMN figures_tried_by TEXT;
