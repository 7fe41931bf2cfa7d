import { plural } from '../../timeline/format';
import { CostNote } from '../cost-note';
import type { Suggestion, Suggestions } from '../data/suggestions';

export const LIST = 'suggestions';
export const optionId = (index: number): string => `${LIST}-${index}`;

interface Props {
  suggestions: Suggestions;
  isOpen: boolean;
  /** The place of the option that Enter chooses, -1 for none. */
  active: number;
  onActive: (index: number) => void;
  onChoose: (suggestion: Suggestion) => void;
}

/** The list of a combobox, with what it took. The focus stays in the box, also while one clicks here. */
export function SuggestionList({ suggestions: { items, cost }, isOpen, active, onActive, onChoose }: Props) {
  return (
    <>
      <div className="popup" hidden={!isOpen} onMouseDown={(event) => event.preventDefault()}>
        <ul id={LIST} role="listbox" aria-label="Suggestions">
          {items.map((one, index) => (
            <li
              key={one.id}
              id={optionId(index)}
              role="option"
              aria-selected={index === active}
              onMouseMove={() => onActive(index)}
              onClick={() => onChoose(one)}
            >
              {one.text} <small>{one.note}</small>
            </li>
          ))}
        </ul>
        <CostNote cost={cost} />
      </div>
      <p className="hidden" role="status">
        {isOpen && plural(items.length, 'suggestion')}
      </p>
    </>
  );
}
