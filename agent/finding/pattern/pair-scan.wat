;; Looks for two bytes that stand side by side, in either case. pair-scanner.ts has the bytes of it.
(module
  (memory (export "memory") 3)

  ;; Which of the 16 bytes at $at begin a pair: all ones, or zeros. A mask has bit 5 where a byte is a letter.
  (func $pairsAt (param $at i32) (param $first v128) (param $firstMask v128) (param $second v128) (param $secondMask v128)
    (result v128)
    (v128.and
      (i8x16.eq (v128.or (v128.load (local.get $at)) (local.get $firstMask)) (local.get $first))
      (i8x16.eq (v128.or (v128.load offset=1 (local.get $at)) (local.get $secondMask)) (local.get $second))))

  ;; The place of the next pair that begins in [$at, $end); -1 where there is none. 65 bytes after $end can be read.
  (func (export "find") (param $at i32) (param $end i32)
    (param $firstByte i32) (param $firstBit i32) (param $secondByte i32) (param $secondBit i32) (result i32)
    (local $first v128) (local $firstMask v128) (local $second v128) (local $secondMask v128) (local $found i32)
    (local.set $first (i8x16.splat (local.get $firstByte)))
    (local.set $firstMask (i8x16.splat (local.get $firstBit)))
    (local.set $second (i8x16.splat (local.get $secondByte)))
    (local.set $secondMask (i8x16.splat (local.get $secondBit)))
    (block $none
      (loop $many
        (br_if $none (i32.ge_u (local.get $at) (local.get $end)))
        (if (i32.eqz
              (v128.any_true
                (v128.or
                  (v128.or
                    (call $pairsAt (local.get $at)
                      (local.get $first) (local.get $firstMask) (local.get $second) (local.get $secondMask))
                    (call $pairsAt (i32.add (local.get $at) (i32.const 16))
                      (local.get $first) (local.get $firstMask) (local.get $second) (local.get $secondMask)))
                  (v128.or
                    (call $pairsAt (i32.add (local.get $at) (i32.const 32))
                      (local.get $first) (local.get $firstMask) (local.get $second) (local.get $secondMask))
                    (call $pairsAt (i32.add (local.get $at) (i32.const 48))
                      (local.get $first) (local.get $firstMask) (local.get $second) (local.get $secondMask))))))
          (then
            (local.set $at (i32.add (local.get $at) (i32.const 64)))
            (br $many))))
      ;; One of these 64.
      (loop $few
        (local.set $found
          (i8x16.bitmask
            (call $pairsAt (local.get $at)
              (local.get $first) (local.get $firstMask) (local.get $second) (local.get $secondMask))))
        (if (i32.eqz (local.get $found))
          (then
            (local.set $at (i32.add (local.get $at) (i32.const 16)))
            (br $few))))
      (local.set $at (i32.add (local.get $at) (i32.ctz (local.get $found))))
      (br_if $none (i32.ge_u (local.get $at) (local.get $end)))
      (return (local.get $at)))
    (i32.const -1))
)
