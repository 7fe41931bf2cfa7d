import { duration } from './format';
import { share, type Scale } from './scale';

/** Milliseconds: `wait` of `start + wait + run` is drawn lighter. */
export interface Span {
  start: number;
  wait: number;
  run: number;
}

/** Room that the length beside a bar takes, as a share of the width. */
const LABEL = 22;

export function Bar({ scale, span }: { scale: Scale; span: Span }) {
  const left = share(scale, span.start);
  const middle = share(scale, span.start + span.wait);
  const right = share(scale, span.start + span.wait + span.run);
  return (
    <span className="tl-track" aria-hidden="true">
      {span.wait > 0 && <i className="tl-wait" style={{ left: `${left}%`, width: `${middle - left}%` }} />}
      <i className="tl-run" style={{ left: `${middle}%`, width: `${right - middle}%` }} />
      <Length text={duration(span.wait + span.run)} left={left} right={right} />
    </span>
  );
}

/** The length, where there is room: after the bar, before it, or in it. */
function Length({ text, left, right }: { text: string; left: number; right: number }) {
  if (right <= 100 - LABEL) return <b style={{ left: `${right}%` }}>{text}</b>;
  if (left >= LABEL) return <b style={{ right: `${100 - left}%` }}>{text}</b>;
  return (
    <b className="tl-inside" style={{ right: `${100 - right}%` }}>
      {text}
    </b>
  );
}
