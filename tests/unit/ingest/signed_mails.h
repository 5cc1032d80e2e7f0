/* One mail, signed by dkimpy in each way that DKIM has, with keys of 1024-bit RSA and Ed25519.
 * SPDX-License-Identifier: MIT */
#pragma once

static const char rsa_key[] =
    "v=DKIM1; k=rsa; p="
    "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDDsEo3MDUo7xT94s+byZkJeTaCLH5Kcans92xGVpCi"
    "TqmSUAdrDitAZCpkXB5B35DxAJsL4K0SqlxVI8O8FCkLgSSIZW5K4fJy0PA5RbJBI1Zu/1KD53PHd6M7"
    "kzfMQ2oh0dyH7/ygrBgXZUxNV+vI2RIb7NApjwf4yUWYY9rIaQIDAQAB";
static const char ed25519_key[] =
    "v=DKIM1; k=ed25519; p=N8TTmW6dd/Oj8Vg7tK2ePUvXAn1NunVgtzOrVKAM2+0=";
static const char signed_header[] = "Received: from a by b;\r\n"
                                    "\tTue, 24 Nov 2026 00:00:00 +0000\r\n"
                                    "From:  Reports  <tlsrpt@sender.example>\r\n"
                                    "To: rua@ours.example\r\n"
                                    "Subject: Report\r\n"
                                    "\tDomain:  ours.example \r\n"
                                    "TLS-Report-Submitter: sender.example\r\n"
                                    "X-Twice: one\r\n"
                                    "X-Twice: two\r\n";
static const char signed_body[] = "First  line \t\r\n"
                                  "\r\n"
                                  " two\tblanks  here\r\n"
                                  ".\r\n"
                                  "\r\n"
                                  "\r\n";
static const struct signed_mail {
    const char *name, *key, *signature;
} signed_mails[] = {
    { "rsa-sha256 simple/simple", rsa_key,
      "DKIM-Signature: v=1; a=rsa-sha256; c=simple/simple; d=sender.example;\r\n"
      " i=@sender.example; q=dns/txt; s=s1; t=1600000000; h=from : to :\r\n"
      " subject : tls-report-submitter : x-twice : from;\r\n"
      " bh=8beZvHLhPSIdyReIMGkSxysZlqOrnMUv9Tk6RLw1EaM=;\r\n"
      " b=uyeyYqw4cvlo5pv9Qf3UqU/LOI93Fdj4bR3HJXJJUnU+8SClFZQMpxliqZblQdFn0RpQL\r\n"
      " 8sTaMu5YV6/Cea34IouYvMyVJEm14hOdaHrEwNa2bD2saWA1dHbiwiqOO+PT1e0jSaJE8/s\r\n"
      " mX7nKuO8mqlPWDJLbELaWJMZRIEXLvg=\r\n" },
    { "rsa-sha256 simple/relaxed", rsa_key,
      "DKIM-Signature: v=1; a=rsa-sha256; c=simple/relaxed; d=sender.example;\r\n"
      " i=@sender.example; q=dns/txt; s=s1; t=1600000000; h=from : to :\r\n"
      " subject : tls-report-submitter : x-twice : from;\r\n"
      " bh=taeMqSoOmmWDiYHa/7oIjfPFJ71reGIM7PjMK9BZo2k=;\r\n"
      " b=WtU4lui9qvYn182QJvHJ++Ew7N5fGbI78B3luQNUYqmZ9O/yaXzpRc0csdWgMrBwvQYIL\r\n"
      " 6oOHPom5asHbKGfrbbcdfF3CGq80mFzbHLYsFgqGaL5C0VTGpQ8oWh2C3vL5Cc2IDEPTDxa\r\n"
      " 1tOBiS3dO1cjuYJXKP/BmLNiterptQQ=\r\n" },
    { "rsa-sha256 relaxed/simple", rsa_key,
      "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/simple; d=sender.example;\r\n"
      " i=@sender.example; q=dns/txt; s=s1; t=1600000000; h=from : to :\r\n"
      " subject : tls-report-submitter : x-twice : from;\r\n"
      " bh=8beZvHLhPSIdyReIMGkSxysZlqOrnMUv9Tk6RLw1EaM=;\r\n"
      " b=JsSxXYGF6+fo5Pot6tfbGT4QmKnPGTJRXnltVnsDVSqrQvMVfQu5hIhtzd925RcCplspt\r\n"
      " CkAwDgtq8Wcmted4GNQLkecLtM8I+b13YHjuxxI29DuI1q08ER932wehxoD6AVV4C8SNEwO\r\n"
      " /WDyhMtGCX0v+1O8sYU9AT1uYgcEDlE=\r\n" },
    { "rsa-sha256 relaxed/relaxed", rsa_key,
      "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=sender.example;\r\n"
      " i=@sender.example; q=dns/txt; s=s1; t=1600000000; h=from : to :\r\n"
      " subject : tls-report-submitter : x-twice : from;\r\n"
      " bh=taeMqSoOmmWDiYHa/7oIjfPFJ71reGIM7PjMK9BZo2k=;\r\n"
      " b=CDbyNXt1EDAVzM/gLNx8cnwvOUTCjH+urC2z4MEkXo+qMonvRgfiqE5Gjf+5F7W50mMUp\r\n"
      " Yb4OeS2zx2m0vUTfBRPn4jsh8MG0PB0a0l+Cd4dBrot3GzSP/jBQdzyTpRj0Xdg+QVfZ7T/\r\n"
      " h8PwTxuXqOn5GCP8zRtO0OincD7GUks=\r\n" },
    { "ed25519-sha256 simple/simple", ed25519_key,
      "DKIM-Signature: v=1; a=ed25519-sha256; c=simple/simple; d=sender.example;\r\n"
      " i=@sender.example; q=dns/txt; s=s1; t=1600000000; h=from : to :\r\n"
      " subject : tls-report-submitter : x-twice : from;\r\n"
      " bh=8beZvHLhPSIdyReIMGkSxysZlqOrnMUv9Tk6RLw1EaM=;\r\n"
      " b=Rsfp4d7k9PVwuAeKgImdjgUqgkSbcMvthlO8rI5MrTg4WsvOpiYZikS5MIuUleEICBPRH\r\n"
      " sTO9wYoIxcRQu83Bg==\r\n" },
    { "ed25519-sha256 simple/relaxed", ed25519_key,
      "DKIM-Signature: v=1; a=ed25519-sha256; c=simple/relaxed;\r\n"
      " d=sender.example; i=@sender.example; q=dns/txt; s=s1; t=1600000000;\r\n"
      " h=from : to : subject : tls-report-submitter : x-twice : from;\r\n"
      " bh=taeMqSoOmmWDiYHa/7oIjfPFJ71reGIM7PjMK9BZo2k=;\r\n"
      " b=u8Jb/BX0HBeoEbBxR99rX8WVPcCHtgWm0whb+qVbl8ZHPrDixzH9U3QagOaNsPK7FXl29\r\n"
      " QVSlurvIaVfoMnmAA==\r\n" },
    { "ed25519-sha256 relaxed/simple", ed25519_key,
      "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/simple;\r\n"
      " d=sender.example; i=@sender.example; q=dns/txt; s=s1; t=1600000000;\r\n"
      " h=from : to : subject : tls-report-submitter : x-twice : from;\r\n"
      " bh=8beZvHLhPSIdyReIMGkSxysZlqOrnMUv9Tk6RLw1EaM=;\r\n"
      " b=d2nqPYaTp3zgRMeF5P+JXAhonJsQ3BltgQNdMgCnph3iyLobkCuCWFpbCLwITv5o0bMrN\r\n"
      " XokjyFKF11PaRD6DA==\r\n" },
    { "ed25519-sha256 relaxed/relaxed", ed25519_key,
      "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n"
      " d=sender.example; i=@sender.example; q=dns/txt; s=s1; t=1600000000;\r\n"
      " h=from : to : subject : tls-report-submitter : x-twice : from;\r\n"
      " bh=taeMqSoOmmWDiYHa/7oIjfPFJ71reGIM7PjMK9BZo2k=;\r\n"
      " b=dIUFLObyOPx3allvkZxkXLPGd4hON0OtANA2wqIcJwFGJl3vFWcayPCHYbJCT3YNteRBL\r\n"
      " glxRM4C7KepgXaaAQ==\r\n" },
};
