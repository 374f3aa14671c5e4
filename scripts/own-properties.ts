/**
 * Properties that only a page's own scripts know, the most expensive ones: `compressScripts` gives them short names.
 * None is the platform's or a library's, or one of the wire, of what is stored, and of what tabs of other versions say
 * to each other (test/unit/own-properties.test.ts).
 */
const ownProperties = `
  highlighter rowHeight startOver currentMark scheduleMeasuring viewHeight goToLine dressing period
  isContinuation goToLineIsOpen toggleTimeline filterBefore readingsMeetStranger schedule toggleOutline newLines
  heightOf hiddenIn isOutdated spansOf decorate sourceColumns closeSearch previousHit clockOrigin filterChanged
  toggleInLog isEmpty previousOutside switchIsOpen toggleSide isHighContrast showUnfinished filterBySearch bodyEnd
  stickyGroup filterDraft uniformHeight previousError filterIsAsked toggleFilters chooseReading
  openSearch heardAt absentMark helpIsOpen createRangeReader decorationOf listProblems forgetUnfinished isMarked
  endShows nextOutside dressed timeOf toggleGroup atOrAfter createHitReader characterWidth forgetRows
  openGroups copyAs toEnd isAtEnd nextHit wasReset openHelp notifyNothing notifyRefused recordChoices repeatChoices
  searchingBack problemCount isUniform nextError fieldChoices onlyMatching isRecordOpen isSame
  toggleColumn toStart foldAll forgetLines startedOver doubtFilter toggleTimes openFilters
  lookChanged pauseChoice collapseAll geometry openSwitch score inLine usedAt isHidden urlAfter wantsAll
  inLogTitle isFiltered lineAtTime opensGroup isSurveyed setSources
  addSources openStream openPolled whyRefused toggleWrap timesFrom densities expandAll recolor asPrinted readRange
  isLost fetchLogs closeMark setSearch extraRows dressText countIn dropBelow drawWhole heardPing
  kinds sameness isEnd numberOf isInView isExport addLinks dressRow isChosen keepNear tagOf measured lookInto
  clearLines followAddress setSameness lookForEnds openAround reveal
`
  .trim()
  .split(/\s+/);

/** From a property's name to its short one, which is the same in all scripts. */
export const shortNames: ReadonlyMap<string, string> = new Map(
  ownProperties.map((name, place) => [name, `_${place.toString(36)}`]),
);
