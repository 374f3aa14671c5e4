;; Looks for the signs of texts, and for bytes that are not shown. needle-scanner.ts has the bytes of it.
(module
  (memory (export "memory") 3)

  ;; The next place in [$at, $end) where a sign may begin, or, if $isUnseen is 1, a byte stands that is not shown and no
  ;; ESC: C0 without TAB, LF and CR, DEL, and C1 in UTF-8. -1 where there is none. 18 bytes after $end can be read.
  ;;
  ;; Six tables of 16 bytes stand at 0: for the low and the high half of a sign's first, second and third byte, a bit for
  ;; each group of signs that have it. In one function, and step by step, as V8 inlines nothing and keeps the order.
  (func (export "find") (param $at i32) (param $end i32) (param $isUnseen i32) (result i32)
    (local $low0 v128) (local $high0 v128) (local $low1 v128) (local $high1 v128) (local $low2 v128) (local $high2 v128)
    (local $half v128) (local $unseen v128) (local $b0 v128) (local $b1 v128) (local $b2 v128) (local $found v128)
    (local.set $low0 (v128.load (i32.const 0)))
    (local.set $high0 (v128.load (i32.const 16)))
    (local.set $low1 (v128.load (i32.const 32)))
    (local.set $high1 (v128.load (i32.const 48)))
    (local.set $low2 (v128.load (i32.const 64)))
    (local.set $high2 (v128.load (i32.const 80)))
    (local.set $half (i8x16.splat (i32.const 0x0f)))
    (local.set $unseen (i8x16.splat (i32.sub (i32.const 0) (local.get $isUnseen))))
    (block $none
      (loop $next
        (br_if $none (i32.ge_u (local.get $at) (local.get $end)))
        (local.set $b0 (v128.load (local.get $at)))
        (local.set $b1 (v128.load offset=1 (local.get $at)))
        (local.set $b2 (v128.load offset=2 (local.get $at)))
        (local.set $found
          (v128.or
            (v128.and
              (v128.and
                (v128.and
                  (i8x16.swizzle (local.get $low0) (v128.and (local.get $b0) (local.get $half)))
                  (i8x16.swizzle (local.get $high0) (i8x16.shr_u (local.get $b0) (i32.const 4))))
                (v128.and
                  (i8x16.swizzle (local.get $low1) (v128.and (local.get $b1) (local.get $half)))
                  (i8x16.swizzle (local.get $high1) (i8x16.shr_u (local.get $b1) (i32.const 4)))))
              (v128.and
                (i8x16.swizzle (local.get $low2) (v128.and (local.get $b2) (local.get $half)))
                (i8x16.swizzle (local.get $high2) (i8x16.shr_u (local.get $b2) (i32.const 4)))))
            (v128.and
              (local.get $unseen)
              (v128.or
                (v128.andnot
                  (i8x16.lt_u (local.get $b0) (i8x16.splat (i32.const 0x20)))
                  (v128.or
                    (v128.or
                      (i8x16.eq (local.get $b0) (i8x16.splat (i32.const 0x09)))
                      (i8x16.eq (local.get $b0) (i8x16.splat (i32.const 0x0a))))
                    (v128.or
                      (i8x16.eq (local.get $b0) (i8x16.splat (i32.const 0x0d)))
                      (i8x16.eq (local.get $b0) (i8x16.splat (i32.const 0x1b))))))
                (v128.or
                  (i8x16.eq (local.get $b0) (i8x16.splat (i32.const 0x7f)))
                  (v128.and
                    (i8x16.eq (local.get $b0) (i8x16.splat (i32.const 0xc2)))
                    (i8x16.lt_u (local.get $b1) (i8x16.splat (i32.const 0xa0)))))))))
        (if (i32.eqz (v128.any_true (local.get $found)))
          (then
            (local.set $at (i32.add (local.get $at) (i32.const 16)))
            (br $next))))
      (local.set $at
        (i32.add
          (local.get $at)
          (i32.ctz (i8x16.bitmask (i8x16.ne (local.get $found) (i8x16.splat (i32.const 0)))))))
      (br_if $none (i32.ge_u (local.get $at) (local.get $end)))
      (return (local.get $at)))
    (i32.const -1)))
