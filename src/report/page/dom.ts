/** Elements, put together. Text is always text: nothing here, or elsewhere, parses markup. */

type Attributes = { readonly [name: string]: string };

export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

export function button(
  label: string,
  onClick: () => void,
  attributes: Attributes = {},
): HTMLButtonElement {
  const made = element('button', { type: 'button', ...attributes }, label);
  made.addEventListener('click', onClick);
  return made;
}

export interface Choice<Value> {
  readonly value: Value;
  readonly label: string;
}

/** One of a few, side by side. */
export function choices<Value>(
  name: string,
  legend: string,
  options: readonly Choice<Value>[],
  chosen: Value,
  onChoose: (value: Value) => void,
): HTMLElement {
  const made = options.map(({ value, label }) => {
    const radio = element('input', { type: 'radio', name });
    radio.checked = value === chosen;
    radio.addEventListener('change', () => onChoose(value));
    return element('label', {}, radio, element('span', {}, label));
  });
  return element(
    'fieldset',
    { class: 'choices', id: name },
    element('legend', {}, legend),
    ...made,
  );
}
