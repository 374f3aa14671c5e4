;; Frames lines: `id: 41\ndata: ` before each, and a second line end after it. What agent/frame/encode.ts does, at 8 ns a
;; line instead of 60: a call into native code for each line costs more than copying it. line-framer.ts has the bytes.
(module
  (memory (export "memory") 178)
  ;; How many lines were framed, and where the first one begins that was not.
  (global $lines (export "lines") (mut i32) (i32.const 0))
  (global $rest (export "rest") (mut i32) (i32.const 0))

  ;; Lines stand at [$src, $end), each with an LF after it. The head of the next frame stands at 0, $head bytes of at
  ;; most 32, its id's last digit at $digit. Frames go to $dst and on, until one begins at or after $limit or there are
  ;; $most: as many as are left before the id gets another digit. Returns where they end. Up to 31 bytes after that are
  ;; written over, up to 15 after $end are read.
  (func (export "frame")
    (param $src i32) (param $end i32) (param $dst i32) (param $limit i32)
    (param $head i32) (param $digit i32) (param $most i32) (result i32)
    (local $count i32) (local $at i32) (local $value i32) (local $found i32) (local $bytes v128)
    (block $done
      (loop $line
        (br_if $done (i32.ge_u (local.get $src) (local.get $end)))
        (br_if $done (i32.ge_u (local.get $dst) (local.get $limit)))
        (br_if $done (i32.ge_u (local.get $count) (local.get $most)))
        (v128.store (local.get $dst) (v128.load (i32.const 0)))
        (v128.store offset=16 (local.get $dst) (v128.load (i32.const 16)))
        (local.set $dst (i32.add (local.get $dst) (local.get $head)))

        ;; The id counts up in its digits: a nine becomes a zero and carries.
        (local.set $at (local.get $digit))
        (loop $carry
          (local.set $value (i32.load8_u (local.get $at)))
          (if (i32.eq (local.get $value) (i32.const 57))
            (then
              (i32.store8 (local.get $at) (i32.const 48))
              (local.set $at (i32.sub (local.get $at) (i32.const 1)))
              ;; 4 bytes are `id: `.
              (br_if $carry (i32.ge_u (local.get $at) (i32.const 4))))
            (else (i32.store8 (local.get $at) (i32.add (local.get $value) (i32.const 1))))))

        ;; 16 bytes at a time, with the LF.
        (block $copied
          (loop $copy
            (local.set $bytes (v128.load (local.get $src)))
            (v128.store (local.get $dst) (local.get $bytes))
            (local.set $found (i8x16.bitmask (i8x16.eq (local.get $bytes) (i8x16.splat (i32.const 10)))))
            (if (local.get $found)
              (then
                (local.set $found (i32.add (i32.ctz (local.get $found)) (i32.const 1)))
                (local.set $src (i32.add (local.get $src) (local.get $found)))
                (local.set $dst (i32.add (local.get $dst) (local.get $found)))
                (br $copied)))
            (local.set $src (i32.add (local.get $src) (i32.const 16)))
            (local.set $dst (i32.add (local.get $dst) (i32.const 16)))
            (br $copy)))
        (i32.store8 (local.get $dst) (i32.const 10))
        (local.set $dst (i32.add (local.get $dst) (i32.const 1)))
        (local.set $count (i32.add (local.get $count) (i32.const 1)))
        (br $line)))
    (global.set $lines (local.get $count))
    (global.set $rest (local.get $src))
    (local.get $dst)))
