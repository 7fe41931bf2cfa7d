import type { Filter } from './api';

interface FiltersProps {
  filter: Filter;
  onChange: (filter: Filter) => void;
  note: string;
}

export function Filters({ filter, onChange, note }: FiltersProps) {
  return (
    <form className="filters" role="search" onSubmit={(event) => event.preventDefault()}>
      <label>
        <span>Operation</span>
        <input
          type="search"
          value={filter.operation}
          placeholder="any"
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => onChange({ ...filter, operation: event.target.value })}
        />
      </label>
      <label>
        <span>At least (ms)</span>
        <input
          type="number"
          min="0"
          step="any"
          value={filter.minMs}
          placeholder="0"
          onChange={(event) => onChange({ ...filter, minMs: event.target.value })}
        />
      </label>
      <label className="check">
        <input
          type="checkbox"
          checked={filter.errors}
          onChange={(event) => onChange({ ...filter, errors: event.target.checked })}
        />
        <span>Errors only</span>
      </label>
      <p role="status">{note}</p>
    </form>
  );
}
