/** Fields for the numbers that people change most; they write into the text. */
import { useMemo, type ReactNode } from 'react';
import { controlsOf, withValue, type Control, type Field } from './controls';

export function QuickControls({ text, change }: { text: string; change: (text: string) => void }): ReactNode {
  const controls = useMemo(() => controlsOf(text), [text]);
  if (controls.length === 0) return null;
  return (
    <div className="quick">
      {controls.map((control) => {
        const write = (field: Field, value: string): void => change(withValue(text, field, value));
        const key = `${control.group} ${control.label}`;
        return control.fields.length === 1 ? <Single key={key} control={control} write={write} /> : <Several key={key} control={control} write={write} />;
      })}
    </div>
  );
}

interface Props {
  control: Control;
  write: (field: Field, value: string) => void;
}

function Single({ control, write }: Props): ReactNode {
  const [field] = control.fields;
  if (!field) return null;
  return (
    <label className="quick-row">
      <span>
        <b>{control.group}</b> {control.label}
      </span>
      <NumberField control={control} field={field} name={`${control.group} ${control.label}`} write={write} />
    </label>
  );
}

function Several({ control, write }: Props): ReactNode {
  const most = Math.max(...control.fields.map(({ value }) => Number(value.replaceAll('_', '')) || 0), 1);
  const [first] = control.fields;
  return (
    <fieldset className="quick-several">
      <legend>
        <b>{control.group}</b> {control.label}
        {first?.suffix !== '' && <span className="muted"> ({first?.suffix.replace('/', 'per ')})</span>}
      </legend>
      <div className="quick-bars">
        {control.fields.map((field) => (
          <label key={field.name} style={{ '--share': (Number(field.value.replaceAll('_', '')) || 0) / most } as React.CSSProperties}>
            <span className="quick-bar" aria-hidden="true" />
            <NumberField control={control} field={field} name={`${control.group} ${control.label} ${field.name}`} write={write} bare />
            <span aria-hidden="true">{field.name}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

function NumberField({ control, field, name, write, bare = false }: { control: Control; field: Field; name: string; write: Props['write']; bare?: boolean }): ReactNode {
  const isWhole = control.unit === 'agents';
  return (
    <span className="number">
      <input
        type={bare ? 'text' : 'number'}
        inputMode={isWhole ? 'numeric' : 'decimal'}
        min={0}
        step={isWhole ? 1 : 'any'}
        aria-label={field.suffix === '' ? name : `${name}, ${field.suffix}`}
        value={field.value.replaceAll('_', '')}
        onChange={(event) => {
          const typed = event.target.value.replace(/[^\d.]/g, '');
          if (typed !== '' && Number.isFinite(Number(typed))) write(field, typed);
        }}
        onKeyDown={(event) => {
          if (!bare || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown')) return;
          event.preventDefault();
          const value = Number(field.value.replaceAll('_', '')) + (event.key === 'ArrowUp' ? 1 : -1);
          write(field, String(Math.max(0, value)));
        }}
      />
      {!bare && field.suffix !== '' && <span className="suffix">{field.suffix}</span>}
    </span>
  );
}
