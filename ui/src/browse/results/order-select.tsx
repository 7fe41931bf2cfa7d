import { ORDERS, resultsHref, type Choice, type Order } from '../address';
import { goTo } from '../router';

const NAMES: Record<Order, string> = { RATING: 'Best rated', YEAR: 'Newest', ADDED_AT: 'Last added', TITLE: 'Title' };

export function OrderSelect({ choice }: { choice: Choice }) {
  return (
    <label className="order">
      Order{' '}
      <select value={choice.order} onChange={(event) => goTo(resultsHref({ ...choice, order: event.target.value as Order }))}>
        {ORDERS.map((order) => (
          <option key={order} value={order}>
            {NAMES[order]}
          </option>
        ))}
      </select>
    </label>
  );
}
