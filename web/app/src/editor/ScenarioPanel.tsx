/** The scenario that is open: numbers to change, the text, what is wrong with it, and a new world of it. */
import { useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { wordsOf } from '../format/error';
import { useSession, useSettings } from '../shell/hooks';
import { Problem } from '../shell/Problem';
import { isEdited, session } from '../shell/session';
import { settings } from '../shell/settings';
import { check, schemaOf } from '../world/browser';
import type { Finding } from '../world/documents';
import type { CodeEditor } from './code';
import { QuickControls } from './QuickControls';
import type { Schema } from './schema';

const CHECK_AFTER = 180;

export function ScenarioPanel(): ReactNode {
  const state = useSession();
  const { draft, findings, scenario } = state;
  const editor = useRef<CodeEditor | null>(null);
  const problem = useChecks(draft, scenario?.name ?? '');
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  useEffect(() => editor.current?.setFindings(findings), [findings]);
  return (
    <section className="panel scenario" aria-label="Scenario">
      <div className="panel-head">
        <h2>Scenario</h2>
        <span className="muted">{scenario?.name}</span>
        <ApplyButton edited={isEdited(state)} errors={errors} />
      </div>
      <Problem>{problem ?? state.problem}</Problem>
      <RunOptions />
      <QuickControls text={draft} change={(text) => (session.setDraft(text), editor.current?.setText(text))} />
      <Code editor={editor} />
      <Findings findings={findings} show={(finding) => editor.current?.show(finding)} />
    </section>
  );
}

/** Has the text checked a moment after it has changed. */
function useChecks(draft: string, name: string): string | null {
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    if (name === '') return undefined;
    let isCurrent = true;
    const timer = setTimeout(() => {
      check({ ...session.get().scenario, name, text: draft }, settings.get().overrides).then(
        (findings) => {
          if (!isCurrent) return;
          setProblem(null);
          session.setFindings(findings);
        },
        (error: unknown) => isCurrent && setProblem(wordsOf(error)),
      );
    }, CHECK_AFTER);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [draft, name]);
  return problem;
}

function ApplyButton({ edited, errors }: { edited: boolean; errors: number }): ReactNode {
  return (
    <button
      type="button"
      className={edited && errors === 0 ? 'primary' : ''}
      disabled={!edited || errors > 0}
      title="Make a new world of this text (Ctrl+Enter)"
      onClick={() => void session.apply()}
    >
      {edited ? 'Apply' : 'Applied'}
    </button>
  );
}

function RunOptions(): ReactNode {
  const { seed, replication } = useSettings();
  const { live } = useSession();
  const [typed, setTyped] = useState<string | null>(null);
  const shown = typed ?? String(seed ?? live?.description.seed ?? 1);
  const commit = (): void => {
    const value = Number(typed);
    if (typed !== null && Number.isSafeInteger(value) && value >= 0 && value !== (seed ?? live?.description.seed)) {
      settings.set({ seed: value });
      void session.restart(false);
    }
    setTyped(null);
  };
  return (
    <div className="run-options">
      <label>
        <span>Seed</span>
        <input
          inputMode="numeric"
          value={shown}
          onChange={(event) => setTyped(event.target.value.replace(/\D/g, ''))}
          onBlur={commit}
          onKeyDown={(event) => event.key === 'Enter' && commit()}
        />
      </label>
      <label>
        <span>Replication</span>
        <input
          type="number"
          min={0}
          value={replication}
          onChange={(event) => {
            const value = Math.max(0, Math.floor(Number(event.target.value) || 0));
            settings.set({ replication: value });
            void session.restart(false);
          }}
        />
      </label>
    </div>
  );
}

function Code({ editor }: { editor: React.RefObject<CodeEditor | null> }): ReactNode {
  const box = useRef<HTMLDivElement>(null);
  const schema = useRef<Schema | null>(null);
  const { scenario, draft } = useSession();
  const kind = useMemo(() => /^kind\s*=\s*"(\w+)"/m.exec(draft)?.[1] ?? '', [draft]);
  useEffect(() => {
    if (kind === '') return;
    // A kind that there is not has no schema; the check says so at its line.
    schemaOf(kind).then((text) => (schema.current = JSON.parse(text) as Schema), () => (schema.current = null));
  }, [kind]);
  useEffect(() => {
    let isHere = true;
    let made: CodeEditor | null = null;
    void import('./code').then(({ CodeEditor }) => {
      if (!isHere || !box.current) return;
      made = new CodeEditor({
        parent: box.current,
        text: session.get().draft,
        schema: () => schema.current,
        changed: (text) => session.setDraft(text),
        apply: () => void session.apply(),
      });
      made.setFindings(session.get().findings);
      editor.current = made;
    });
    return () => {
      isHere = false;
      made?.destroy();
      editor.current = null;
    };
  }, [editor]);
  useEffect(() => {
    if (scenario) editor.current?.open(session.get().draft);
  }, [scenario, editor]);
  return <div ref={box} className="code" />;
}

function Findings({ findings, show }: { findings: Finding[]; show: (finding: Finding) => void }): ReactNode {
  return (
    <div className="findings" aria-live="polite">
      {findings.map((finding, index) => (
        <button key={index} type="button" className={`finding ${finding.severity}`} onClick={() => show(finding)}>
          <strong>
            {finding.place ? `Line ${finding.place.line}: ` : ''}
            {finding.message}
          </strong>
          {finding.expected !== '' && <span>expected: {finding.expected}</span>}
          {finding.help !== '' && <span>help: {finding.help}</span>}
        </button>
      ))}
    </div>
  );
}
