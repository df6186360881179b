/** Asks for the token of a server that wants one. It is tried before it is taken. */
import { useEffect, useRef, useState, useSyncExternalStore, type ReactNode } from 'react';
import { wordsOf } from '../format/error';
import { tryToken } from '../world/api';
import { token, type Question } from '../world/token';
import { Problem } from './Problem';

export function TokenDialog(): ReactNode {
  const question = useSyncExternalStore(token.subscribe, token.question);
  return question && <Asked question={question} />;
}

/** What can be sent in a header. */
const SENDABLE = /^[\x21-\x7e]+$/;

function Asked({ question }: { question: Question }): ReactNode {
  const dialog = useRef<HTMLDialogElement>(null);
  const field = useRef<HTMLInputElement>(null);
  const [text, setText] = useState('');
  const [isKept, setKept] = useState(false);
  const [isTrying, setTrying] = useState(false);
  const [problem, setProblem] = useState(question.problem);
  useEffect(() => {
    const before = document.activeElement;
    dialog.current?.showModal();
    return () => {
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  useEffect(() => setProblem(question.problem), [question]);
  const give = async (): Promise<void> => {
    const typed = text.trim();
    if (!SENDABLE.test(typed)) {
      setProblem(typed === '' ? 'Paste the token first.' : 'A token has no spaces and no letters beyond ASCII: this is something else.');
      field.current?.focus();
      return;
    }
    setTrying(true);
    const refused = await tryToken(typed).catch(wordsOf);
    setTrying(false);
    if (refused === null) token.give(typed, isKept ? 'tab' : 'page');
    else {
      setProblem(refused);
      field.current?.select();
    }
  };
  return (
    <dialog ref={dialog} className="dialog" aria-labelledby="token-title" aria-describedby="token-about" onClose={() => token.question() && token.close('dismissed')}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!isTrying) void give();
        }}
      >
        <h2 id="token-title">The server asks for a token</h2>
        <p id="token-about" className="muted">
          Whoever runs the server makes one where it runs: <code>pluriverse token new --scope run</code> It is sent to this server alone.
        </p>
        <label className="field">
          <span>Token</span>
          <input
            ref={field}
            type="password"
            name="token"
            autoComplete="off"
            spellCheck={false}
            autoFocus
            value={text}
            aria-invalid={problem !== null}
            placeholder="pv_…"
            onChange={(event) => setText(event.target.value)}
          />
        </label>
        <Problem>{problem}</Problem>
        <label className="check">
          <input type="checkbox" checked={isKept} onChange={(event) => setKept(event.target.checked)} /> Remember it until this tab is closed
        </label>
        <div className="dialog-actions">
          <button type="button" onClick={() => token.close('dismissed')}>
            Not now
          </button>
          <button type="submit" className="primary" aria-disabled={isTrying}>
            {isTrying ? 'Trying it…' : 'Use the token'}
          </button>
        </div>
      </form>
    </dialog>
  );
}
