//! How much memory one input takes, exactly: the system's own figure comes too late to name it.

use std::alloc::{GlobalAlloc, Layout, System};
use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The most bytes that reading one input may have at once, of all threads together.
const MOST_BYTES: usize = 256 << 20;

static LIVE: AtomicUsize = AtomicUsize::new(0);
static CEILING: AtomicUsize = AtomicUsize::new(usize::MAX);

/// The system's allocator, counted.
pub struct Counted;

/// From here on one input is read.
pub fn limit() {
    let ceiling = LIVE.load(Ordering::Relaxed).saturating_add(MOST_BYTES);
    CEILING.store(ceiling, Ordering::Relaxed);
}

/// It has been read; the fuzzer's own books have no limit.
pub fn free() {
    CEILING.store(usize::MAX, Ordering::Relaxed);
}

fn grow(bytes: usize) {
    let live = LIVE
        .fetch_add(bytes, Ordering::Relaxed)
        .saturating_add(bytes);
    if live > CEILING.load(Ordering::Relaxed) {
        // The message and the fuzzer's report allocate as well.
        free();
        let said = b"memory beyond its limit: one input asks for more than 256 MiB\n";
        let _ = std::io::stderr().write_all(said);
        std::process::abort();
    }
}

fn shrink(bytes: usize) {
    LIVE.fetch_sub(bytes, Ordering::Relaxed);
}

// SAFETY: every call goes to the system's allocator as it came; only numbers are added.
unsafe impl GlobalAlloc for Counted {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        grow(layout.size());
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        grow(layout.size());
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        shrink(layout.size());
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        grow(size);
        shrink(layout.size());
        unsafe { System.realloc(pointer, layout, size) }
    }
}
