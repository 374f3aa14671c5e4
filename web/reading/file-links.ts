import { hrefOf, parseLinkTemplate } from '../../agent/text/link-template.ts';
import { placesIn } from '../text/file-places.ts';
import { textOutsideLinks, wrapSpans } from '../text/marks.ts';

/** Makes links of the places in files that a line names, where the agent was started with a template for them. */
export interface FileLinks {
  add(text: HTMLElement): void;
}

/** @param data of the page's document, as the agent has sent it */
export function createFileLinks({ linkTemplate = '', linkBase }: DOMStringMap): FileLinks | undefined {
  const template = parseLinkTemplate(linkTemplate);
  if (!template) return undefined;
  const isPage = /^https?:/i.test(template.text);

  function linkTo(href: string, text: string): HTMLElement {
    const link = document.createElement('a');
    link.className = 'file-link';
    link.href = href;
    link.title = href;
    link.rel = 'noopener noreferrer';
    // An editor's address opens no page, and would leave an empty tab.
    if (isPage) link.target = '_blank';
    link.draggable = false;
    link.textContent = text;
    return link;
  }

  return {
    add(text) {
      const links = placesIn(textOutsideLinks(text)).flatMap((place) => {
        const href = hrefOf(template, place, linkBase);
        return href === undefined ? [] : [{ span: [place.start, place.end] as const, href }];
      });
      wrapSpans(
        text,
        links.map(({ span }) => span),
        (part, at) => linkTo(links[at]?.href ?? '', part),
      );
    },
  };
}
