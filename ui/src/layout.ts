/** The same bound as in style.css: below it the panes stand one above the other and a panel covers them. */
export const isNarrow = (): boolean => window.matchMedia('(max-width: 700px)').matches;

/** Leaves the editor more room than GraphiQL's own share of a third, until somebody drags the border. */
export function narrowPanel(): void {
  if (localStorage.getItem('graphiql:docExplorerFlex') === null) localStorage.setItem('graphiql:docExplorerFlex', '0.25');
}

/** Room enough for a panel beside the editor and the answer. */
export const isWide = (): boolean => window.matchMedia('(min-width: 1000px)').matches;
