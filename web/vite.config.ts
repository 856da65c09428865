import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig, type UserConfig } from 'vite'

const api = 'http://127.0.0.1:8080'
const doors = [
  '/auth',
  '/session',
  '/account',
  '/user',
  '/friend',
  '/block',
  '/group',
  '/msg',
  '/conversation',
  '/sync',
  '/openapi.json',
]

const config: UserConfig = defineConfig({
  plugins: [react(), tailwindcss()],
  server: {
    host: '127.0.0.1',
    proxy: {
      ...Object.fromEntries(doors.map((door) => [door, { target: api }])),
      '/ws': { target: api, ws: true },
    },
  },
  build: {
    outDir: 'dist',
    // A data: URL would be refused by the server's policy for anything but images.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 600,
    rolldownOptions: {
      // What we did not write changes rarely: a browser keeps it over our releases.
      output: { codeSplitting: { groups: [{ name: 'vendor', test: /[\\/]node_modules[\\/]/ }] } },
      // The contract's own schema compiler tries `new Function` when its module runs, which the policy reports:
      // without this it would be bundled although the browser never checks a schema.
      treeshake: { moduleSideEffects: (id) => !/[\\/]protocol[\\/]src[\\/]|[\\/]typebox[\\/]/.test(id) },
    },
  },
})

export default config
