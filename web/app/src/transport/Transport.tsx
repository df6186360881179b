/** Play, pause, step, seek, speed: the same for every kind of world. Its numbers are written by the animation loop. */
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { compact, whole } from '../format/number';
import { clock, parseTime, SPEEDS, speedName } from '../format/time';
import { useLive, useSettings } from '../shell/hooks';
import { Icon } from '../shell/icons';
import { onFrame } from '../shell/loop';
import { session } from '../shell/session';
import { settings } from '../shell/settings';
import type { Live } from '../world/live';
import { Hash } from './Hash';

const STEPS = 1000;

/** Where the slider ends: the run's end, or as far as the world has come. */
export function endOf(live: Live, farthest: number): number {
  const { until_seconds: until } = live.description;
  return Math.max(until ?? 0, live.frame.now_seconds, farthest, 1);
}

/** What the buttons and keys do. */
export class Controls {
  /** The latest time that this world has been at. */
  farthest = 0;

  constructor(readonly live: Live) {}

  toggle(): void {
    const { live } = this;
    void live.attempt(() => (live.playing ? live.handle.stop() : live.handle.play(settings.get().speed)));
  }

  step(count: number): void {
    const { live } = this;
    void live.attempt(async () => {
      if (live.playing) await live.handle.stop();
      await live.handle.step(count);
    });
  }

  seek(seconds: number): void {
    const { live } = this;
    void live.attempt(() => live.handle.seek(Math.max(0, seconds)));
  }

  /** Goes back by a share of the whole time. */
  back(share: number): void {
    this.seek(this.live.frame.now_seconds - endOf(this.live, this.farthest) * share);
  }

  toEnd(): void {
    const { live } = this;
    void live.attempt(() => live.handle.play(null));
  }

  setSpeed(speed: number | null): void {
    settings.set({ speed });
    const { live } = this;
    if (live.playing) void live.attempt(() => live.handle.play(speed));
  }
}

/** Keys that are not for an element that has the focus. */
function isFree(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return false;
  const target = event.target as HTMLElement;
  if (target.closest('input, textarea, select, [contenteditable], [role="tablist"], .cm-editor, dialog')) return false;
  return event.key !== ' ' || !target.closest('button, a, summary');
}

function useKeys(controls: Controls): void {
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (!isFree(event)) return;
      if (event.key === ' ') controls.toggle();
      else if (event.key === 'ArrowRight') controls.step(event.shiftKey ? 10 : 1);
      else if (event.key === 'ArrowLeft') controls.back(event.shiftKey ? 0.1 : 0.02);
      else if (event.key === 'End') controls.toEnd();
      else if (event.key === 'Home') controls.seek(0);
      else return;
      event.preventDefault();
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, [controls]);
}

export function Transport({ live }: { live: Live }): ReactNode {
  useLive(live);
  const { speed } = useSettings();
  const [controls, setControls] = useState(() => new Controls(live));
  if (controls.live !== live) setControls(new Controls(live));
  useKeys(controls);
  const isPlaying = live.playing !== null;
  // A world on the server may play as somebody else has said.
  const shownSpeed = live.playing ? live.playing.speed : speed;
  const speeds = SPEEDS.includes(shownSpeed) ? SPEEDS : [shownSpeed, ...SPEEDS];
  return (
    <section className="transport" aria-label="Transport">
      <div className="transport-row">
        <div className="buttons">
          <button type="button" className="quiet square" title="Begin again (Home goes to the beginning)" aria-label="Reset" onClick={() => void session.restart(false)}>
            <Icon name="reset" />
          </button>
          <button type="button" className="quiet square" title="Go back (←, with Shift further)" aria-label="Go back" onClick={() => controls.back(0.02)}>
            <Icon name="back" />
          </button>
          <button
            type="button"
            className="primary play"
            title={isPlaying ? 'Pause (space)' : 'Play (space)'}
            aria-label={isPlaying ? 'Pause' : 'Play'}
            disabled={live.isFinished && !isPlaying}
            onClick={() => controls.toggle()}
          >
            <Icon name={isPlaying ? 'pause' : 'play'} />
          </button>
          <button
            type="button"
            className="quiet square"
            title="Step one event (→, with Shift ten)"
            aria-label="Step"
            disabled={live.isFinished}
            onClick={(event) => controls.step(event.shiftKey ? 10 : 1)}
          >
            <Icon name="step" />
          </button>
          <button type="button" className="quiet square" title="Run to the end (End)" aria-label="Run to the end" disabled={live.isFinished} onClick={() => controls.toEnd()}>
            <Icon name="end" />
          </button>
        </div>
        <label className="speed">
          <span aria-hidden="true">Speed</span>
          <select aria-label="Speed" value={shownSpeed === null ? 'max' : String(shownSpeed)} onChange={(event) => controls.setSpeed(event.target.value === 'max' ? null : Number(event.target.value))}>
            {speeds.map((choice) => (
              <option key={choice ?? 'max'} value={choice ?? 'max'}>
                {speedName(choice)}
              </option>
            ))}
          </select>
        </label>
        <Position live={live} controls={controls} />
      </div>
      <Slider live={live} controls={controls} />
      <Figures live={live} />
    </section>
  );
}

/** The time; a click makes it a field that takes another. */
function Position({ live, controls }: { live: Live; controls: Controls }): ReactNode {
  const text = useRef<HTMLButtonElement>(null);
  const [isEdited, setEdited] = useState(false);
  useEffect(
    () =>
      onFrame(() => {
        const shown = clock(live.frame.now_seconds, (live.description.until_seconds ?? 0) > 86_400);
        if (text.current && text.current.textContent !== shown) text.current.textContent = shown;
      }),
    [live],
  );
  if (isEdited) {
    const finish = (typed: string): void => {
      const seconds = parseTime(typed);
      if (seconds !== null) controls.seek(seconds);
      setEdited(false);
    };
    return (
      <input
        className="position"
        aria-label="Go to a time, such as 90m or 12:30"
        autoFocus
        defaultValue={clock(live.frame.now_seconds)}
        onFocus={(event) => event.target.select()}
        onBlur={() => setEdited(false)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') finish(event.currentTarget.value);
          if (event.key === 'Escape') setEdited(false);
        }}
      />
    );
  }
  return <button ref={text} type="button" className="position" title="Simulated time; click to go to another" aria-describedby="position-help" onClick={() => setEdited(true)} />;
}

function Slider({ live, controls }: { live: Live; controls: Controls }): ReactNode {
  const input = useRef<HTMLInputElement>(null);
  const held = useRef(false);
  const end = useRef<HTMLSpanElement>(null);
  useEffect(
    () =>
      onFrame(() => {
        const { now_seconds: now } = live.frame;
        controls.farthest = Math.max(controls.farthest, now);
        const last = endOf(live, controls.farthest);
        const slider = input.current;
        if (!slider || held.current) return;
        const value = String(Math.round((now / last) * STEPS));
        if (slider.value === value && slider.dataset['last'] === String(last)) return;
        slider.value = value;
        slider.dataset['last'] = String(last);
        slider.style.setProperty('--at', `${(now / last) * 100}%`);
        slider.setAttribute('aria-valuetext', clock(now));
        if (end.current) end.current.textContent = clock(last, last > 86_400);
      }),
    [live, controls],
  );
  const at = (value: string): number => (Number(value) / STEPS) * endOf(live, controls.farthest);
  return (
    <div className="seek">
      <span aria-hidden="true">00:00:00</span>
      <input
        ref={input}
        type="range"
        min={0}
        max={STEPS}
        defaultValue={0}
        aria-label="Seek"
        onInput={(event) => {
          held.current = true;
          event.currentTarget.style.setProperty('--at', `${Number(event.currentTarget.value) / (STEPS / 100)}%`);
          event.currentTarget.setAttribute('aria-valuetext', clock(at(event.currentTarget.value)));
        }}
        onPointerUp={(event) => release(event.currentTarget)}
        onKeyUp={(event) => release(event.currentTarget)}
        onBlur={(event) => release(event.currentTarget)}
      />
      <span ref={end} aria-hidden="true" />
      <span id="position-help" className="unseen">
        Simulated time. Activate to go to another time.
      </span>
    </div>
  );

  function release(slider: HTMLInputElement): void {
    if (!held.current) return;
    held.current = false;
    controls.seek(at(slider.value));
  }
}

const PHASES = { new: 'not begun', ready: 'ready', paused: 'paused', finished: 'finished', failed: 'failed' };

function Figures({ live }: { live: Live }): ReactNode {
  const { frame, playing } = live;
  // Results come a little later than frames: a hash of an earlier state is none of this one.
  const hash = !playing && live.results?.events === frame.events ? live.results.ledger_hash : null;
  const phase = playing ? 'running' : PHASES[frame.phase];
  return (
    <dl className="figures">
      <div>
        <dt>Phase</dt>
        <dd>
          <span className={`phase ${playing ? 'running' : frame.phase}`}>{phase}</span>
        </dd>
      </div>
      <div>
        <dt>Events</dt>
        <dd data-testid="events">{whole(frame.events)}</dd>
      </div>
      <div>
        <dt>Events/s</dt>
        <dd>{playing ? compact(live.eventRate) : '–'}</dd>
      </div>
      <div>
        <dt>× real time</dt>
        <dd>{playing ? compact(live.speedup) : '–'}</dd>
      </div>
      <div>
        <dt>Ledger hash</dt>
        <dd>{hash === null ? <span className="muted">{playing ? 'when it stands' : '–'}</span> : <Hash hash={hash} />}</dd>
      </div>
    </dl>
  );
}
