{
  "targets": [
    {
      "target_name": "ostinato",
      "sources": ["addon.c", "arguments.c", "avx2.c", "avx512.c", "baseline.c", "choose.c"],
      "cflags": ["-std=gnu11", "-O3", "-Wall", "-Wextra", "-fvisibility=hidden", "-ffp-contract=fast"],
      "libraries": ["-lm"],
      "xcode_settings": {
        "OTHER_CFLAGS": ["-std=gnu11", "-O3", "-Wall", "-Wextra", "-ffp-contract=fast"],
        "MACOSX_DEPLOYMENT_TARGET": "11.0"
      }
    }
  ]
}
