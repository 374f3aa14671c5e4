;; Looks for control characters. control-scanner.ts has the bytes of it.
(module
  (memory (export "memory") 2)

  ;; Whether one of the bytes in [0, $end) is a control character of ASCII other than TAB and LF. $end is a multiple of 32.
  (func (export "has") (param $end i32) (result i32)
    (local $at i32) (local $bytes v128) (local $found v128)
    (local $space v128) (local $tab v128) (local $lf v128) (local $del v128)
    (local.set $space (i8x16.splat (i32.const 0x20)))
    (local.set $tab (i8x16.splat (i32.const 0x09)))
    (local.set $lf (i8x16.splat (i32.const 0x0a)))
    (local.set $del (i8x16.splat (i32.const 0x7f)))
    (block $all
      (loop $next
        (br_if $all (i32.ge_u (local.get $at) (local.get $end)))
        (local.set $bytes (v128.load (local.get $at)))
        (local.set $found
          (v128.or (local.get $found)
            (v128.or
              (i8x16.eq (local.get $bytes) (local.get $del))
              (v128.andnot
                (i8x16.lt_u (local.get $bytes) (local.get $space))
                (v128.or
                  (i8x16.eq (local.get $bytes) (local.get $tab))
                  (i8x16.eq (local.get $bytes) (local.get $lf)))))))
        (local.set $bytes (v128.load offset=16 (local.get $at)))
        (local.set $found
          (v128.or (local.get $found)
            (v128.or
              (i8x16.eq (local.get $bytes) (local.get $del))
              (v128.andnot
                (i8x16.lt_u (local.get $bytes) (local.get $space))
                (v128.or
                  (i8x16.eq (local.get $bytes) (local.get $tab))
                  (i8x16.eq (local.get $bytes) (local.get $lf)))))))
        (local.set $at (i32.add (local.get $at) (i32.const 32)))
        (br $next)))
    (v128.any_true (local.get $found))))
