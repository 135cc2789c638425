import type { JSX } from 'preact';
import { Field } from '../ui/field.tsx';
import type { DraftProblems, EventDraft } from './event-draft.ts';

/** The fields that a new event and an old one are filled in by. */
export const EventFields = (props: {
  readonly id: string;
  readonly draft: EventDraft;
  readonly problems: DraftProblems;
  /** IANA names, proposed while one types. */
  readonly timezones: readonly string[];
  readonly onDraft: (change: Partial<EventDraft>) => void;
}): JSX.Element => {
  const { id, draft, problems, onDraft } = props;
  const field = (name: keyof EventDraft, hint = false) => ({
    id: `${id}-${name}`,
    value: draft[name],
    'aria-invalid': problems[name] === undefined ? undefined : ('true' as const),
    'aria-describedby': problems[name] === undefined && !hint ? undefined : `${id}-${name}-help`,
    onInput: (event: { readonly currentTarget: HTMLInputElement }) => onDraft({ [name]: event.currentTarget.value }),
  });
  return (
    <div class="form-grid">
      <Field id={`${id}-title`} label="Title" error={problems.title ?? null}>
        <input {...field('title')} maxLength={200} autocomplete="off" required />
      </Field>
      <Field id={`${id}-date`} label="Date" error={problems.date ?? null}>
        <input {...field('date')} type="date" required />
      </Field>
      <Field
        id={`${id}-timezone`}
        label="Time zone"
        hint="Where the readers’ clocks are set."
        error={problems.timezone ?? null}
      >
        <input
          {...field('timezone', true)}
          list={`${id}-timezones`}
          maxLength={64}
          autocomplete="off"
          spellcheck={false}
          required
        />
        <datalist id={`${id}-timezones`}>
          {props.timezones.map((it) => (
            <option key={it} value={it} />
          ))}
        </datalist>
      </Field>
      <Field id={`${id}-location`} label="Place (optional)" error={problems.location ?? null}>
        <input {...field('location')} maxLength={200} autocomplete="off" />
      </Field>
    </div>
  );
};
