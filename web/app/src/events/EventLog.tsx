/** The latest events in words, of all kinds or one; each leads to the chain of its causes. */
import { useEffect, useState, type ReactNode } from 'react';
import { duration, whole } from '../format/number';
import { clockMillis } from '../format/time';
import { useLive } from '../shell/hooks';
import type { EventRow } from '../world/documents';
import type { Live } from '../world/live';
import { sentence } from '../world/words';

const SHOWN = 80;

export function EventLog({ live }: { live: Live }): ReactNode {
  useLive(live);
  const [kind, setKind] = useState<number | null>(null);
  const [chosen, setChosen] = useState<EventRow | null>(null);
  const { dictionary } = live.description;
  const fitting = kind === null ? live.events : live.events.filter((row) => row.kind === kind);
  const shown = fitting.slice(-SHOWN).reverse();
  if (chosen && chosen.row >= live.frame.rows) setChosen(null);
  return (
    <div className="events">
      <div className="event-tools">
        <label>
          <span className="unseen">Kind of event</span>
          <select value={kind ?? ''} onChange={(event) => setKind(event.target.value === '' ? null : Number(event.target.value))}>
            <option value="">all kinds</option>
            {dictionary.kinds.map(({ name }, index) => (
              <option key={name} value={index}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <span className="muted">{whole(live.frame.rows)} rows in the ledger</span>
      </div>
      {chosen && <CausalChain live={live} row={chosen} close={() => setChosen(null)} choose={setChosen} />}
      {shown.length === 0 && <p className="empty">{live.frame.rows === 0 ? 'Nothing has happened yet. Press play, or step.' : 'None of this kind among the latest.'}</p>}
      <ol className="event-list" aria-label="Latest events">
        {shown.map((row) => (
          <li key={row.row}>
            <button type="button" aria-pressed={chosen?.row === row.row} onClick={() => setChosen(row)} title={`${clockMillis(row.time_seconds)}, row ${row.row}: what led to it`}>
              <time>{clockMillis(row.time_seconds).replace(/^day \d+ /, '')}</time>
              <span className={`mark ${dictionary.kinds[row.kind]?.name ?? ''}`} />
              <span>{sentence(dictionary, row)}</span>
            </button>
          </li>
        ))}
      </ol>
    </div>
  );
}

function CausalChain({ live, row, close, choose }: { live: Live; row: EventRow; close: () => void; choose: (row: EventRow) => void }): ReactNode {
  const [chain, setChain] = useState<EventRow[] | null>(null);
  const [isWhole, setWhole] = useState(false);
  const { dictionary } = live.description;
  useEffect(() => {
    let isCurrent = true;
    setChain(null);
    void live.attempt(async () => {
      const found = await live.handle.causes(row.row);
      if (isCurrent) setChain(found);
    });
    return () => {
      isCurrent = false;
    };
  }, [live, row]);
  const shown = isWhole ? chain : chain?.slice(0, 12);
  const hidden = (chain?.length ?? 0) - (shown?.length ?? 0);
  return (
    <section className="chain" aria-label="What led to it">
      <div className="panel-head">
        <h3>What led to row {whole(row.row)}</h3>
        <button type="button" className="quiet tiny" onClick={close} aria-label="Close the chain">
          ×
        </button>
      </div>
      {chain === null && <p className="muted">Looking…</p>}
      {chain?.length === 0 && <p className="muted">That row is no longer kept; it is in the ledger.</p>}
      <ol>
        {shown?.map((link, index) => {
          const before = chain?.[index + 1];
          return (
            <li key={link.row}>
              <button type="button" className="link" onClick={() => choose(link)}>
                <span>{sentence(dictionary, link)}</span>
                <small>
                  {clockMillis(link.time_seconds)}, row {whole(link.row)}
                </small>
              </button>
              {before && <small className="gap">{gap(link.time_seconds - before.time_seconds)}</small>}
            </li>
          );
        })}
      </ol>
      {hidden > 0 && (
        <button type="button" onClick={() => setWhole(true)}>
          {whole(hidden)} more before
        </button>
      )}
    </section>
  );
}

function gap(seconds: number): string {
  return seconds === 0 ? 'at the same instant, because' : `${duration(seconds)} before, because`;
}
