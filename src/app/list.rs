//! A list with a cursor on an identity, not on a number: whatever arrives, leaves or is sorted anew, the cursor stays on what it was put on, and that stays
//! on its line of the screen.

/// Items in order, the one under the cursor, and the line of the screen it is kept on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct List<I> {
    items: Vec<I>,
    cursor: Option<I>,
    /// Where the cursor is in `items`.
    index: usize,
    /// The line of the window that the cursor is kept on.
    line: usize,
    /// How many lines the window had when it was last drawn.
    lines: usize,
    /// Somebody put the cursor where it is. Until then it stays on the first item, so that what is sorted to the top is seen.
    is_chosen: bool,
}

/// The part of a list that is on screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) first: usize,
    /// One past the last.
    pub(crate) end: usize,
    pub(crate) total: usize,
}

/// Until the first frame says better.
const LINES_BEFORE_THE_FIRST_FRAME: usize = 16;

impl<I> Default for List<I> {
    fn default() -> Self {
        Self {
            items: Vec::new(),
            cursor: None,
            index: 0,
            line: 0,
            lines: LINES_BEFORE_THE_FIRST_FRAME,
            is_chosen: false,
        }
    }
}

impl<I: Clone + PartialEq> List<I> {
    pub(crate) fn items(&self) -> &[I] {
        &self.items
    }

    pub(crate) fn len(&self) -> usize {
        self.items.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// What is under the cursor.
    pub(crate) fn cursor(&self) -> Option<&I> {
        self.cursor.as_ref()
    }

    /// Where the cursor is, counted from the first item.
    pub(crate) fn index(&self) -> Option<usize> {
        self.cursor.as_ref().map(|_| self.index)
    }

    /// The items on a screen of that many lines. The cursor is always among them.
    pub(crate) fn window(&self, lines: usize) -> Window {
        let line = self.line.min(lines.saturating_sub(1));
        let last_first = self.items.len().saturating_sub(lines);
        let first = self.index.saturating_sub(line).min(last_first);
        Window { first, end: self.items.len().min(first + lines), total: self.items.len() }
    }

    /// The items that were on screen at the last frame.
    pub(crate) fn visible(&self) -> &[I] {
        let window = self.window(self.lines);
        self.items.get(window.first..window.end).unwrap_or_default()
    }

    /// Takes the new order. A cursor whose item is gone goes to what now stands in its place.
    pub(crate) fn replace(&mut self, items: Vec<I>) {
        self.replace_near(items, self.index);
    }

    /// Hands the items out, to be given back in another order by [`List::replace_near`] before anything else is done.
    pub(crate) fn take(&mut self) -> Vec<I> {
        self.settle();
        std::mem::take(&mut self.items)
    }

    /// The same as [`List::replace`], with the place at which the cursor's item most likely is: elsewhere it takes a search.
    pub(crate) fn replace_near(&mut self, items: Vec<I>, place: usize) {
        if !self.items.is_empty() {
            self.settle();
        }
        self.items = items;
        if !self.is_chosen {
            self.put(0);
            self.line = 0;
            return;
        }
        let is_there = self.cursor.is_some() && self.items.get(place) == self.cursor.as_ref();
        let search = |cursor| self.items.iter().position(|item| item == cursor);
        let found = if is_there { Some(place) } else { self.cursor.as_ref().and_then(search) };
        match found {
            Some(index) => self.index = index,
            None => self.put(self.index),
        }
    }

    /// How many lines there were on screen. Returns whether that is news.
    pub(crate) fn drawn(&mut self, lines: usize) -> bool {
        let lines = lines.max(1);
        let changed = lines != self.lines;
        self.lines = lines;
        self.settle();
        changed
    }

    /// Puts the cursor on an item, if it is there.
    pub(crate) fn select(&mut self, item: &I) -> bool {
        let found = self.items.iter().position(|other| other == item);
        if let Some(index) = found {
            self.go_to(index);
        }
        found.is_some()
    }

    pub(crate) fn page(&self) -> usize {
        self.lines.max(1)
    }

    /// Moves the cursor by so many items, as far as there are any.
    pub(crate) fn step(&mut self, by: isize) {
        self.go_to(self.index.saturating_add_signed(by));
    }

    pub(crate) fn go_to_first(&mut self) {
        self.go_to(0);
    }

    pub(crate) fn go_to_last(&mut self) {
        self.go_to(self.items.len().saturating_sub(1));
    }

    /// Moves the cursor; the window follows only as far as it must.
    fn go_to(&mut self, index: usize) {
        let first = self.window(self.lines).first;
        self.is_chosen = true;
        self.put(index);
        self.line = self.index.saturating_sub(first).min(self.lines.saturating_sub(1));
    }

    fn put(&mut self, index: usize) {
        self.index = index.min(self.items.len().saturating_sub(1));
        self.cursor = self.items.get(self.index).cloned();
    }

    /// Notes the line that the cursor really is on, where the list's end kept it from the one it was to be on.
    fn settle(&mut self) {
        self.line = self.index.saturating_sub(self.window(self.lines).first);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(text: &str) -> List<char> {
        let mut list = List::default();
        list.drawn(4);
        list.replace(text.chars().collect());
        list
    }

    fn check(list: &List<char>, cursor: char, visible: &str) {
        assert_eq!((list.cursor(), list.visible().iter().collect::<String>().as_str()), (Some(&cursor), visible));
    }

    #[test]
    fn the_cursor_keeps_its_item_and_its_line_when_others_arrive() {
        let mut list = list("dhjlnp");
        list.step(2);
        check(&list, 'j', "dhjl");
        list.replace("abcdhjlnp".chars().collect());
        check(&list, 'j', "cdhj".replace("cdhj", "dhjl").as_str());
        list.replace("pnljhd".chars().collect());
        check(&list, 'j', "nljh");
    }

    #[test]
    fn a_cursor_that_nobody_moved_stays_on_top() {
        let mut list = list("dhjlnp");
        list.replace("abcdhjlnp".chars().collect());
        check(&list, 'a', "abcd");
        list.step(1);
        list.replace("zyxabcdhjlnp".chars().collect());
        check(&list, 'b', "abcd");
    }

    #[test]
    fn the_window_follows_the_cursor_only_as_far_as_it_must() {
        let mut list = list("abcdefgh");
        list.step(5);
        check(&list, 'f', "cdef");
        list.step(-2);
        check(&list, 'd', "cdef");
        list.go_to_last();
        check(&list, 'h', "efgh");
        list.step(-100);
        check(&list, 'a', "abcd");
    }

    #[test]
    fn an_item_that_goes_leaves_the_cursor_in_its_place() {
        let mut list = list("abcdef");
        list.step(2);
        list.replace("abdef".chars().collect());
        check(&list, 'd', "abde");
        list.replace(Vec::new());
        assert_eq!(list.cursor(), None);
        list.replace("xy".chars().collect());
        check(&list, 'x', "xy");
    }

    #[test]
    fn a_smaller_window_still_holds_the_cursor() {
        let mut list = list("abcdef");
        list.step(3);
        check(&list, 'd', "abcd");
        assert_eq!(list.window(2), Window { first: 2, end: 4, total: 6 });
        assert_eq!(list.window(0), Window { first: 3, end: 3, total: 6 });
    }
}
