/**
 * For a page's own context: turns it from left to right into from right to left and back, and lists what is then not where a mirror would have it.
 * Blocks are looked at, and where their texts begin and end; what is in one line of text is the business of the script that it is written in.
 */
export function notMirrored() {
  const boxes = () => [...document.querySelectorAll("body *")].filter((element) => element.closest("svg, option, noscript") === null).flatMap((element) => {
    const text = document.createRange();
    text.selectNodeContents(element);
    // Two pixels are for rounding and for what browsers put beside a radio button, a sign for the full stop that goes over to the other side.
    return getComputedStyle(element).display === "inline" ? [] : [[element, 2.5], [text, 10]].map(([one, room]) => ({ element, room, box: one.getBoundingClientRect() }));
  });
  const root = document.documentElement;
  const before = boxes();
  root.dir = "rtl";
  const after = boxes();
  const tooWide = root.scrollWidth - innerWidth;
  root.dir = "ltr";
  const width = root.clientWidth;
  const isElsewhere = ({ box, room }, at) => box.width > 0 && (Math.abs(box.left - (width - after[at].box.right)) > room || Math.abs(box.right - (width - after[at].box.left)) > room);
  return [...(tooWide > 0 ? [`the page is ${tooWide} px too wide`] : []), ...before.filter(isElsewhere).map(({ element }) => element.outerHTML.slice(0, 120))];
}
