/** The editor of a scenario's text: CodeMirror with TOML, completion from the schema, findings at their lines. */
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap, snippet, type Completion, type CompletionContext, type CompletionResult } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentLess, indentMore } from '@codemirror/commands';
import { bracketMatching, HighlightStyle, indentUnit, StreamLanguage, syntaxHighlighting } from '@codemirror/language';
import { toml } from '@codemirror/legacy-modes/mode/toml';
import { lintGutter, lintKeymap, setDiagnostics, type Diagnostic } from '@codemirror/lint';
import { highlightSelectionMatches, searchKeymap } from '@codemirror/search';
import { EditorState, Transaction } from '@codemirror/state';
import { drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, hoverTooltip, keymap, lineNumbers, type Tooltip } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import type { Finding } from '../world/documents';
import { rangeOf } from './places';
import { describe, offers, type Offer, type Schema } from './schema';
import { contextAt, scanToml } from './toml';

export interface CodeOptions {
  parent: HTMLElement;
  text: string;
  schema: () => Schema | null;
  changed: (text: string) => void;
  apply: () => void;
}

const COLORS = HighlightStyle.define([
  { tag: tags.comment, color: 'var(--muted)', fontStyle: 'italic' },
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--code-key)' },
  { tag: tags.string, color: 'var(--code-string)' },
  { tag: [tags.number, tags.bool, tags.atom], color: 'var(--code-number)' },
  { tag: [tags.heading, tags.typeName, tags.keyword], color: 'var(--accent)', fontWeight: '600' },
]);

export class CodeEditor {
  private readonly view: EditorView;
  private readonly room: ResizeObserver;

  constructor(private readonly options: CodeOptions) {
    this.view = new EditorView({ parent: options.parent, state: this.state(options.text) });
    // Findings below take some of its room while one types: the cursor stays in sight.
    this.room = new ResizeObserver(() => this.view.hasFocus && this.view.dispatch({ effects: EditorView.scrollIntoView(this.view.state.selection.main.head) }));
    this.room.observe(options.parent);
  }

  private state(doc: string): EditorState {
    const { options } = this;
    return EditorState.create({
      doc,
      extensions: [
        lineNumbers(),
        highlightActiveLine(),
        highlightActiveLineGutter(),
        drawSelection(),
        history(),
        bracketMatching(),
        closeBrackets(),
        highlightSelectionMatches(),
        indentUnit.of('  '),
        EditorState.tabSize.of(2),
        StreamLanguage.define(toml),
        syntaxHighlighting(COLORS),
        lintGutter(),
        autocompletion({ override: [(context) => complete(context, options.schema())], icons: false }),
        hoverTooltip((view, position) => hover(view, position, options.schema())),
        keymap.of([
          { key: 'Mod-Enter', run: () => (options.apply(), true) },
          { key: 'Mod-s', run: () => (options.apply(), true) },
          // Tab stays free for moving on; these indent.
          { key: 'Mod-]', run: indentMore },
          { key: 'Mod-[', run: indentLess },
          ...closeBracketsKeymap,
          ...completionKeymap,
          ...lintKeymap,
          ...searchKeymap,
          ...historyKeymap,
          ...defaultKeymap,
        ]),
        EditorView.contentAttributes.of({ 'aria-label': 'Scenario, as TOML', tabindex: '0', spellcheck: 'false', autocapitalize: 'off' }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) options.changed(update.state.doc.toString());
        }),
      ],
    });
  }

  /** Shows a text; what differs is replaced, so that the cursor and the history stay. */
  setText(text: string): void {
    const before = this.view.state.doc.toString();
    if (before === text) return;
    let from = 0;
    while (from < before.length && from < text.length && before[from] === text[from]) from += 1;
    let end = 0;
    while (end < before.length - from && end < text.length - from && before[before.length - 1 - end] === text[text.length - 1 - end]) end += 1;
    this.view.dispatch({ changes: { from, to: before.length - end, insert: text.slice(from, text.length - end) }, annotations: Transaction.userEvent.of('input.control') });
  }

  /** Begins anew with another text. */
  open(text: string): void {
    if (this.view.state.doc.toString() !== text) this.view.setState(this.state(text));
  }

  setFindings(findings: Finding[]): void {
    const text = this.view.state.doc.toString();
    const shown = findings.map((finding): Diagnostic => {
      return { ...rangeOf(text, finding), severity: finding.severity, message: finding.message, renderMessage: () => explain(finding) };
    });
    this.view.dispatch(setDiagnostics(this.view.state, shown));
  }

  /** Puts the cursor where a finding is. */
  show(finding: Finding): void {
    const { from } = rangeOf(this.view.state.doc.toString(), finding);
    this.view.dispatch({ selection: { anchor: from }, effects: EditorView.scrollIntoView(from, { y: 'center' }) });
    this.view.focus();
  }

  destroy(): void {
    this.room.disconnect();
    this.view.destroy();
  }
}

function explain({ message, expected, help }: Finding): HTMLElement {
  const box = document.createElement('div');
  const parts: [string, string][] = [['', message], ['expected', expected], ['help', help]];
  for (const [name, text] of parts) {
    if (text === '') continue;
    const line = document.createElement('div');
    line.className = `lint-${name || 'message'}`;
    line.textContent = name === '' ? text : `${name}: ${text}`;
    box.append(line);
  }
  return box;
}

function complete(context: CompletionContext, schema: Schema | null): CompletionResult | null {
  if (!schema) return null;
  const text = context.state.doc.toString();
  const place = contextAt(text, context.pos);
  if (place.place === 'none' || (place.typed === '' && !context.explicit && place.place !== 'value')) return null;
  const found = offers(schema, place, scanToml(text));
  if (found.length === 0) return null;
  return { from: place.from, options: found.map(completion), validFor: /^[\w"'.-]*$/ };
}

function completion(offer: Offer): Completion {
  const hasPlace = offer.insert.includes('${');
  return {
    label: offer.label,
    detail: offer.detail,
    info: offer.description === '' ? undefined : offer.description,
    apply: hasPlace ? snippet(offer.insert) : offer.insert,
    boost: offer.detail === 'required' ? 2 : offer.type === 'table' ? -1 : 0,
  } as Completion;
}

/** What the key under the pointer means. */
function hover(view: EditorView, position: number, schema: Schema | null): Tooltip | null {
  const line = view.state.doc.lineAt(position);
  const word = /[\w-]+/g;
  for (let match = word.exec(line.text); match && schema; match = word.exec(line.text)) {
    const from = line.from + match.index;
    const to = from + match[0].length;
    if (position < from || position > to) continue;
    const place = contextAt(view.state.doc.sliceString(0, to), to);
    if (place.place !== 'key' && place.place !== 'header') return null;
    const text = describe(schema, [...place.path, place.typed]);
    if (text === '') return null;
    const dom = document.createElement('div');
    dom.className = 'hover';
    dom.textContent = text;
    return { pos: from, end: to, above: true, create: () => ({ dom }) };
  }
  return null;
}
