/** @param onChange is called when the element has become wider or narrower */
export function onWidth(root: HTMLElement, onChange: () => void): void {
  let width = root.clientWidth;
  new ResizeObserver(() => {
    if (root.clientWidth === width) return;
    width = root.clientWidth;
    onChange();
  }).observe(root);
}
