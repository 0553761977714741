/**
 * What Pillow 13.0 made, in base64: pixels are RGB of 8 bits, row by row. `stripes()` is the image
 * that it resized to 16 and to 70 pixels at the shorter edge, and then took the central 9 x 9 of.
 */
export const pillow = {
  nearestDown:
    'pNwm3xBTBihcykBlBQiSLCCbBFTIK2zRUoTavC5Pyiw93yki9CZ8AiRqF43EJYuyOoiXT4XxFv74SCAKMFMlGIZASjxSlW9tZJF/r8Sal/e1RmApS0xxhGRoWnxfwminmICendjm1vDdDwjUrzpMdUpDgZhwjXqdtoqUwtjB6+i498rlAxgS9KqE8ISx6re65OrDQ8TwPff5OT0mMwQvkDc4CfqsKfiIWfXHJvIGRvDidlkhllf9xlQ8k1F7Zg53vEKJ2iSklXK/6zrRCYjs/Lz+Gp4ZOOw07WikBFTa9Wwr5oQH/XA9UYgZaOBPWfigShB8',
  nearestUp:
    'r69wiXidiXidxq3KoOKCoOKC3auv3auvt+Dc07jTtoqUtoqU/MjK35qL35qLwtjBwtjBCKr307jTtoqUtoqU/MjK35qL35qLwtjBwtjBCKr398HB45yL45yLz+PKHr6UHr6UCgXTCgXT9uAS98HB45yL45yLz+PKHr6UHr6UCgXTCgXT9uASHsywE7D4E7D4CADL/eSe/eSe8sjm8sjmShi5HsywE7D4E7D4CADL/eSe/eSe8sjm8sjmShi5RdefQ8TwQ8TwQR3MPwqoPwqoPff5Pff5O+TVDOQEE9rpE9rpGjzOITKzITKzKCgNKCgNLx7y',
  bilinearDown:
    'yah3t5BJrGJEtU9lUTNyQkt9RGCdN3O5V4W+0G6GrIFDtENNrTBuP0JqMmyTRHKtTYitaIy3bIqHV1c2TkJNSWJkVFt7cHeGgpGokqm0lLyqTUhIX09gcmh2cnyEk4ikpaefr7CnsbOQpI6EjmNMnnt2r5CMrKSbsaetnaiukqKXgI6EYXJlzZ5i06uF4KOeqNGySpjCX3mvSWNxP05raU5Dd9CIbcahhbWqa8qoWnbMeUB3jUZunlpMl2FQg4mRkU6vpFG0o3Gpq1O2nG+ZqIdYi547dLtTlVmlgF+TdHyRbYxleZpQZrdXbrBeYrJzc5uB',
  bilinearUp:
    'pqJ7lIOUoIqtv6fHs8amptyExbye0bO4v9HQuqmgp4yat5aq3bfH0b2pwb6KysGnuMLDeMXf0K/Fv5Wg0KGn9MbG5rOrz5+Qv7mvk8PLOrTe5bW72J6b162k3tXGosauYqqVVHO3Xmu3jrJ6xby3uqipsKaxpbHIer2wTbuaQmW/XEy1sZhYSsO9QrLXO4DZNDrMgIa0zNihxbTJr4rRgFemK8u6JbzlIXnmHRfOa1C3uJuntMHSmr/kXHvMQtKxQMfgPobjPSfPRRu6TCmtS6XbR+3wP9zbKdtzK9LMLJXhLjjQLya+MCarMmeSM42YNYTP',
  bicubicDown:
    'z6Z8tIxEr2FAvk5oRit1PEt4Q2GcLnO8V4a/4WKLr406u0FNuiZwNEFkKW+VQG+zSImqZoW2aJWQTFIoQzhLPWZiUFh8cHOChZGqlKy8lMStQkBCW0hhcWh3b3yDl4mqq62dt7ert7iOsY2Cj2FGoH16spOMsaabv6yvoK2vlKSXgI6EX3Jm259d36+E8Z2hr920NZjDXXi4O2BuLk1uZEg9cd2JYdGlgrqoY9eoUm/XeDJwkT1uqFZGn1hRg5CQlD64qkS6q2yrt0i/omuksIpPj6MydMdRmlCogVqTbHyXaY5fdKJEWsVTZrtaVLZzcaCB',
  bicubicUp:
    'qqdwjX6RnIGzwKfKsc6mouKByLmZ2a68wNnhvq6em4eWsZCq5LjJ3L6oyr+G4cygxtDJXMf61bPNu5Ccz5+i+8rJ8bKr1pqMz76rlszOGq/q/7XE6peO7bGZ8+rJodmuSaWSNFLARVK5lchd1Lq6yKOgvqesrr3KctKvNMKYIEXORym5y6g0NsW7NLnfJnbjHyPNg4Wt4vCe3crPw4bcfjOtD867FMjzCnH1CADPcDyu06ek1ObdsdX6UWfkOdWwQNHmQIvsPyLPRAOySRyqSLLlRf//PfPoI91XKdzQLJrwLjTQJw6+IBOqIWWHJJWVLZXo',
  lanczosDown:
    '0p6CsYs6tGVBxExtQCd3PE92RGCaKnXAV4i57mKPq5M2u0JOwCJyL0JeJnCVQGu3SIqnZoKxZ5+URkwhRDNONmdiTld7b2+AiJCrk62/j8WwOzpAWkRfc2h6b32DmIusrrCduLivu7qNuI56kWBEn35/speIs6Scw6uvq6+wkKaUgY2CY3Nn4p1d37OC+pilsOSxKp2+WXS7NV5zJE1tXkk+buaIWNSogbmnXd2oTGzcdyxwlTttsVNFplNUhJaPlTW+rkO4sGmqvkDEq2eqtItGj6UvdMtVnEepgFWPaHqgaI9abKo/Uc5XYL9ZS7p0baV/',
  lanczosUp:
    'q6lrjoCLm3q7waXMsNimn+KAxbSO2KrHxdnqtbGZkImVpomx4rHL4Luq18CE/N2SzODYTMT/2bTMv46a0Z+g/M3K8rWt1JiL1rqkicrSFa/q/7DI9pCK/7iS//TIqOiuOpSTKTnIOFazidBR07W3xKGfvKKtqLfKc+WqMMqZIDnXUR+z0ZsqNce1NsHbIWvpHCXPfYan3Pyf2NTJu2fchiCtAdTDC9L4AWX/AgDScimj5q+m6P/etd3/SWj/Mtq1ONbnQ430PSPSRQGoTiKrTrTiSP//PfvxLdxKLNjFN5z7NTvSIge9DwWoEFV9GJWXKaXr',
  /** The first 5 x 5 of it, as L. */
  L: 'ISgwOEAhMUJTZCM9VnCKJUhrjVMpVYFQbg==',
  /** A JPEG of 16 x 24 (height x width), and its pixels. */
  jpeg: '/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgICAgMCAgIDAwMDBAYEBAQEBAgGBgUGCQgKCgkICQkKDA8MCgsOCwkJDRENDg8QEBEQCgwSExIQEw8QEBD/2wBDAQMDAwQDBAgEBAgQCwkLEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBD/wAARCAAQABgDASIAAhEBAxEB/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/8QAHwEAAwEBAQEBAQEBAQAAAAAAAAECAwQFBgcICQoL/8QAtREAAgECBAQDBAcFBAQAAQJ3AAECAxEEBSExBhJBUQdhcRMiMoEIFEKRobHBCSMzUvAVYnLRChYkNOEl8RcYGRomJygpKjU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6goOEhYaHiImKkpOUlZaXmJmaoqOkpaanqKmqsrO0tba3uLm6wsPExcbHyMnK0tPU1dbX2Nna4uPk5ebn6Onq8vP09fb3+Pn6/9oADAMBAAIRAxEAPwDxDwVp/wDq/l9K998E6f8A6v5fSvJvBOn/AOr+X0r37wTp/wDq/l9Kx4o8JN/3f4H9P8Z4/wCLU9Y8Faf/AKv5fSiul8Faf/q/l9KK/Bsy8JP37/d/gfzLm+P/ANpep//Z',
  jpegPixels:
    'xAIAxwoEyhMFyBwEyicIyDEGxjsEx0YEyE4FyVkFx2MFyG0EyHgFx4EFyYsGyJUGx54Ex6oEyLIGyLwEx8cFyNEEydkFzeIJxQIIyQsNyhMPyRwOyScQxzEOyDsNyUYOyU8OyVkNyWMOx20MyXgNx4INyIoPypYPyKANyKoOybMPyLwOycgOx9EOydoPzOIRxgIaygofyRMgyh0hySggyDEgyDsfykYgyU8eylkfymMgyG0eyHgfyIIgyYohyZYhx6AfyKsfybMhybwgycggyNEeytohzeIjxQIqyQsvyhMxyRwwySgwxzEwyDwvyEYwx08tyVovyWQwyW0uyHgvxoIvyIsyypYxyKAvyKouyrMxybwwycgwx9IuydsxzOMzxAI3yQo9yhM/yB0/xyg+yDI+xjw8x0c+yE8+yVo+x2Q9yG48x3g9x4I9yIo/yJY/xqA9x6s+yLM+x7w+x8g+x9E9ydo+zeNCxANGyAtLyRNMyBxMyChMxjJMxjxLyEdMx1BMyFpLyGRMxm5Kx3lLx4JLx4tNyJZNxqBLx6pMx7RNx71KyMhMx9FMyNtNy+NPxANUyAxYyRRZyB9ayShaxzJaxzxZyEdZyFBZyFpZyWRaxm5Yxnpax4RZyIxayZdcx6FayKxZyLVZx75ZyclbyNJYyNxZzONdxQNjyAtnyhRpyB1pyShrxzJpyD1nyEZox09oyVtoyWRox25mx3poxoNoyIxqyZZpyKFoyKtpyLVpyL5pyclpydJpyNtozORsxAJ0yAp4yRJ6yRt6ySd6xzF5xzt4yUZ6yE94yVp6yWN5yW14yHh5yIJ4yIt5yZZ7x6B5yat5yLN6yL17ycd6yNF4ydp6zeN+xAGDygmGyhOJyRyIySeKxzGIyDuJyEWHyE6HyVmHyWOIyW2GyXiHyIGHyIuKypaJyKCHyKqIybOKyLyIyciIydGIydqKzOKNxQGRyQqVyxOXyhyXyiiYyDKWyDuXykeXyVCXylqVymSWyG6UyXmWyYGVyYuYypaYyKCWyaqVybSXyb2XysiXydGVytuXzeObxAKgyQujyhKkyxylyyilyTKlyTykyEekyU+iylqkymSlyG6iyHqkyIKkyoumypWlyaCkyKujyrSmyb2lycmlydKjydqkzuOoxAKuyAuwyROzyRyzySiyxzKyxzyxyUezyU+yyFqxyWSyx26wx3qyx4OyyIu0yZe0x6CyyauzybSzx72zx8mzx9KyyduzzOO1xAK7yAvByRTDyB3DySjDxzLCyDzBx0fCyE/CyVrByWTCx27Ax3rCx4LBx4zEyJfEyKDCx6vCybTDyL3DyMnDx9LCyNzDy+TGxQHNyQrSyRTVyR3VySnVxzLUxzzTyEfVyVDTyFrTyGTUxm7SyHnUx4LSyIzUyZfWx6HUx6vTybTVx73VycnVyNLTyNvVzOTXxQPWyQzcyhPdyR7eyijeyTPdxzzdyEjdyVDdylvdyWbdyG/byHrdyIPcyo3dyZfeyKDcyKzdyrXeyb7eyMndydPdydvdzuTi',
  /** A JPEG of 16 x 16 in CMYK, all red. */
  cmyk: '/9j/7gAOQWRvYmUAZAAAAAAA/9sAQwACAQEBAQECAQEBAgICAgIEAwICAgIFBAQDBAYFBgYGBQYGBgcJCAYHCQcGBggLCAkKCgoKCgYICwwLCgwJCgoK/8AAFAgAEAAQBEMRAE0RAFkRAEsRAP/EAB8AAAEFAQEBAQEBAAAAAAAAAAABAgMEBQYHCAkKC//EALUQAAIBAwMCBAMFBQQEAAABfQECAwAEEQUSITFBBhNRYQcicRQygZGhCCNCscEVUtHwJDNicoIJChYXGBkaJSYnKCkqNDU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6g4SFhoeIiYqSk5SVlpeYmZqio6Slpqeoqaqys7S1tre4ubrCw8TFxsfIycrS09TV1tfY2drh4uPk5ebn6Onq8fLz9PX29/j5+v/aAA4EQwBNAFkASwAAPwD9cK/Hevyfr9/KKKKKKKKKKKKK/9k=',
  /** A PNG of 8 x 8 in gray of 16 bits: pixel i is 1024 i. */
  gray16:
    'iVBORw0KGgoAAAANSUhEUgAAAAgAAAAIEAAAAACx9D0UAAAAGUlEQVR4nGNkYGBBgYwKaAIstBBgfIAmAACImAKYNSoeygAAAABJRU5ErkJggg==',
  /** A WebP of two frames. */
  animated:
    'UklGRsQAAABXRUJQVlA4WAoAAAACAAAABwAABwAAQU5JTQYAAAAAAAAAAABBTk1GSgAAAAAAAAAAAAcAAAcAAGQAAAJWUDggMgAAADABAJ0BKggACAABQCYloAADcAD+8ut///mwP/bz/wR6Af//0uD//pcH//S4P/SkAAAAQU5NRkYAAAAAAAAAAAAHAAAHAABkAAAAVlA4IC4AAAA0AQCdASoIAAgAAAAmJaAAA3AA/vtV4///S4P/+lwf/9Lg/9Lg//rV5Vesq6AA',
  /** A PNG of two frames of 8 x 8, the first one red. */
  apng: 'iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAACGFjVEwAAAACAAAAAPONk3AAAAAaZmNUTAAAAAAAAAAIAAAACAAAAAAAAAAAAAEACgAA8k66YgAAABJJREFUeJxj/M+AHTDhEB+kEgDNQQEP6EHibwAAABpmY1RMAAAAAQAAAAgAAAAIAAAAAAAAAAAAAQAKAABpPVC2AAAAGGZkQVQAAAACeJxjZGD4z4ANMGEVHbQSAMtDAQ+LnnysAAAAAElFTkSuQmCC',
  /** A PNG of 8 x 8 of two colours; the first pixel is (200, 100, 50), all others (10, 20, 30). */
  palette:
    'iVBORw0KGgoAAAANSUhEUgAAAAgAAAAIAQMAAAD+wSzIAAAABlBMVEUKFB7IZDJ3oLOcAAAADElEQVR4nGNoYEABAAeQAIHDW9vBAAAAAElFTkSuQmCC',
  /** A PNG of 8 x 8 with one bit for each pixel, all white. */
  onebit:
    'iVBORw0KGgoAAAANSUhEUgAAAAgAAAAIAQAAAADsdIMmAAAADUlEQVR4nGP4z8SADAEPcQEOqa2awAAAAABJRU5ErkJggg==',
} as const;

export const bytesOf = (name: keyof typeof pillow): Buffer => Buffer.from(pillow[name], 'base64');

export const STRIPES = { height: 40, width: 52 };

/** The pixels of an image of many edges, RGB. */
export function stripes(): Uint8Array {
  const { height, width } = STRIPES;
  const data = new Uint8Array(height * width * 3);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < 3; c++) {
        data[at++] =
          x * (7 + c) + Math.floor((y * y * (3 - c)) / 4) + ((x * y) % (11 + c)) * 9 + c * 40;
      }
    }
  }
  return data;
}
